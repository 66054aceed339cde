-- Builds the site from README, docs/ and the pages beside them into target/site/book, and checks its links:
--
--     lua5.4 site/build.lua
--
-- Run it in the project's folder. It needs mdbook. Nothing is written twice: the list of the examples and that of the
-- pages are generated.

local check = require "site.check"
local pages = require "site.pages"

local STAGE = "target/site"
local SOURCES = "'*.md' '*.svg' examples"
local REPOSITORY = "https://github.com/bsdsocket/bsdsocket/blob/main/"

local function run(command)
  local ok = os.execute(command)
  if not ok then
    error(command .. ": failed", 0)
  end
end

local function lines(command)
  local output <close> = assert(io.popen(command))
  local list = {}
  for line in output:lines() do
    list[#list + 1] = line
  end
  return list
end

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
end

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

-- Links of a page to files that are no pages lead to the repository. mdBook calls README index.
local function redirect(path)
  local text = read(STAGE .. "/src/" .. path)
  local folder = path:match "^(.*/)" or ""
  local function to(link, anchor)
    local target = folder .. link
    while target:find "[^/]+/%.%./" do
      target = target:gsub("[^/]+/%.%./", "", 1)
    end
    if link:find "^%a+:" or link == "" then
      return nil
    elseif target:find "%.md$" or target:find "%.svg$" then
      return ("](%s%s)"):format(link:gsub("README%.md$", "index.md"), anchor)
    end
    return exists(target) and ("](%s%s%s)"):format(REPOSITORY, target, anchor) or nil
  end
  write(STAGE .. "/src/" .. path, (text:gsub("%]%(([^)#%s]*)(#?[^)%s]*)%)", to)))
end

-- The heading of a page.
local function title(path)
  local text = read(STAGE .. "/src/" .. path)
  return assert(text:match "^# ([^\n]+)" or text:match "\n# ([^\n]+)", path)
end

-- What a program's first comment says, in one line.
local function summary(text)
  local comment = {}
  for line in text:gmatch "[^\n]*" do
    local said = line:match "^%-%-+%s?(.*)" or line:match "^//!?%s?(.*)" or line:match "^/?%*+%s?(.*)"
    if not said or said == "" then
      break
    end
    comment[#comment + 1] = said
  end
  local said = table.concat(comment, " ")
  return said:match "^(.-[.:])%s" or said:match "^(.-[.:])$" or said
end

-- A page that lists the programs of a folder of examples.
local function list_examples(folder, heading)
  local list = { "# " .. heading, "" }
  for _, path in ipairs(lines("ls " .. STAGE .. "/src/" .. folder)) do
    local file = STAGE .. "/src/" .. folder .. "/" .. path
    if path:find "%.%w+$" and path ~= "README.md" then
      list[#list + 1] = ("- [%s](%s): %s"):format(path, path, (summary(read(file)):gsub("[.:]$", "")))
    end
  end
  write(STAGE .. "/src/" .. folder .. "/README.md", table.concat(list, "\n") .. "\n")
end

-- SUMMARY.md, from which mdBook makes the table of contents.
local function contents()
  local list, listed = { "# Summary", "" }, {}
  local function add(path, depth)
    listed[path] = true
    list[#list + 1] = ("%s- [%s](%s)"):format(("  "):rep(depth), title(path), path)
  end
  for _, part in ipairs(pages) do
    local named = not part[1]:find "%.md$"
    if named then
      table.move({ "", "# " .. part[1], "" }, 1, 3, #list + 1, list)
    end
    for n = named and 2 or 1, #part do
      add(part[n], 0)
      local folder = part[n]:match "^(docs/.*)/README%.md$"
      if folder then
        for _, path in ipairs(lines("ls " .. STAGE .. "/src/" .. folder .. "/*.md")) do
          path = path:sub(#STAGE + 6)
          if not listed[path] then
            add(path, 1)
          end
        end
      end
    end
  end
  for _, path in ipairs(lines "git ls-files --cached --others --exclude-standard 'docs/*.md'") do
    if not listed[path] then
      error(path .. " is missing in site/pages.lua", 0)
    end
  end
  return table.concat(list, "\n") .. "\n"
end

run(("rm -rf %s && mkdir -p %s/src && cp site/book.toml %s"):format(STAGE, STAGE, STAGE))
run(
  ("git ls-files -z --cached --others --exclude-standard %s | xargs -0 cp --parents -t %s/src"):format(SOURCES, STAGE)
)
list_examples("examples", "Examples")
list_examples("examples/testing", "Tests of protocols")
local summary_page = contents()
for _, path in ipairs(lines("cd " .. STAGE .. "/src && find -name '*.md' -printf '%P\\n'")) do
  redirect(path)
end
run(("find %s/src -type f ! -name '*.md' ! -name '*.svg' -delete"):format(STAGE))
write(STAGE .. "/src/SUMMARY.md", summary_page)
run("mdbook build " .. STAGE)
local broken = check(STAGE .. "/book")
for _, link in ipairs(broken) do
  io.stderr:write(link, "\n")
end
os.exit(#broken == 0)
