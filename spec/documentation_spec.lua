-- The documentation: its examples run, its links have targets, and the generated files are up to date.

local child = require "spec.support.child"
local entries = require "types.entries"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

-- The names of the files that a shell pattern matches.
local function files(pattern)
  local list = {}
  for path in child.output("ls " .. pattern):gmatch "[^\n]+" do
    list[#list + 1] = path
  end
  return list
end

-- All examples: file and line, and text.
local function examples()
  local list = {}
  local function add(place, text)
    list[#list + 1] = { place = place, text = text }
  end
  local function collect(entry, place)
    for _, block in ipairs(entries.blocks(entry.text)) do
      if block.code then
        add(place, table.concat(block.lines, "\n"))
      end
    end
  end
  for _, section in ipairs(entries.all()) do
    for _, entry in ipairs(section.entries) do
      collect(entry, entry.name)
      for _, fun in ipairs(entry.functions) do
        collect(fun, entry.name .. (fun.method and ":" or ".") .. fun.name)
      end
    end
  end
  for _, path in ipairs(files "docs/*.md CONTRIBUTING.md") do
    -- The examples with other libraries are run by spec/interop.
    if path ~= "docs/interop.md" and path ~= "docs/tls.md" then
      for text in temporary.read(path):gmatch "```lua\n(.-)```" do
        add(path, text)
      end
    end
  end
  return list
end

-- Why an example cannot run here, or nil.
local function obstacle(text)
  if text:find "AF_INET6" and not network.has_ipv6() then
    return "there is no IPv6"
  elseif text:find ":ioctl%(" and not socket.SocketType.ioctl then
    return "this system has no ioctl"
  elseif text:find "get_local_cid" then
    local cid, message = socket.get_local_cid()
    return not cid and message or nil
  elseif text:find "afalg" then
    local algorithm = socket.AF_ALG and socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
    local found = algorithm and algorithm:bind { "skcipher", "cbc(aes)" }
    return not found and "the kernel has no cbc(aes) for sockets" or nil
  end
end

-- The lines of an example that state a call's result in a comment.
local function promises(text)
  local list = {}
  for call, results in text:gmatch "([^\n]-)%s+%-%-> ([^\n]*)" do
    if not call:find "^print" then
      list[#list + 1] = { call = call, results = results:gsub("%s+", " ") }
    end
  end
  return list
end

-- Values as examples write them.
local function show(...)
  local words = { ... }
  for n = 1, select("#", ...) do
    words[n] = tostring(words[n])
  end
  return table.concat(words, " ")
end

for _, example in ipairs(examples()) do
  local text = example.text

  describe("an example of " .. example.place, function()
    if not lua.load(text) then
      it("is a list of values", function()
        for line in text:gmatch "[^\n]+" do
          assert.is_not_nil(assert(lua.load("local socket = require 'bsdsocket' return " .. line))())
        end
      end)
      return
    end

    local hindrance = obstacle(text)
    if hindrance then
      skip("the example of " .. example.place .. ": " .. hindrance)
      return
    end

    it("runs", function()
      -- An example that connects to port 50007 finds a server; one that listens there gets a client.
      local other = text:find "create_connection" and network.listener() or network.bound()
      local port = other:getsockname().port
      local waits = text:find "create_server" and text:find ":accept%("
      if not text:find "create_connection" then
        other:close()
      end
      local run = child.lua('require "spec.support.surroundings"\n' .. text:gsub("50007", port):gsub("50008", 0))
      if waits then
        run:asleep()
        assert(socket.create_connection { "127.0.0.1", port }):close()
      end
      local _, complaints, status = run:finish()
      other:close()
      assert.same({ "", 0 }, { complaints, status })
    end)

    for _, promise in ipairs(promises(text)) do
      it("states the result of " .. promise.call, function()
        local call = assert(lua.load("local socket = require 'bsdsocket' return " .. promise.call))
        assert.equal(promise.results, show(call()))
      end)
    end
  end)
end

-- The anchors of a page: its headings, as GitHub writes them.
local function anchors(text)
  local found = {}
  for heading in text:gmatch "\n#+ ([^\n]+)" do
    local words = heading:gsub("%[(.-)%]%(.-%)", "%1"):lower():gsub("[^%w_ -]", "")
    found[words:gsub(" ", "-")] = true
  end
  return found
end

-- The links of a page to other files of the project: for each the target as written, the path and the anchor.
local function links(path)
  local list = {}
  local folder = path:match "^(.*/)[^/]*$" or ""
  for target in temporary.read(path):gsub("```.-\n```", ""):gmatch "%]%(([^)%s]*)%)" do
    if not target:find "^%l+:" then
      local file, anchor = target:match "^([^#]*)#?(.*)$"
      local leads = file == "" and path or (folder .. file):gsub("[^/]+/%.%./", "")
      list[#list + 1] = { target = target, path = leads, anchor = anchor }
    end
  end
  return list
end

describe("a link", function()
  for _, path in ipairs(files "*.md */*.md docs/*/*.md") do
    it("in " .. path .. " has a target", function()
      for _, link in ipairs(links(path)) do
        local there = temporary.read(link.path)
        assert.is_true(there ~= "" or files(link.path .. "/*")[1] ~= nil, link.target)
        assert.is_true(link.anchor == "" or anchors(there)[link.anchor] or false, link.target)
      end
    end)
  end
end)

describe("the files that LuaRocks installs", function()
  local rock = {}
  local chunk = assert(lua.load(temporary.read "bsdsocket-scm-1.rockspec"))
  if setfenv then
    setfenv(chunk, rock)
  else
    assert(debug.setupvalue(chunk, 1, rock) == "_ENV")
  end
  chunk()
  local singles = rock.build.install.conf

  local function has(path)
    for _, folder in ipairs(rock.build.copy_directories) do
      if path == folder or path:sub(1, #folder + 1) == folder .. "/" then
        return true
      end
    end
    -- The paths of single files are relative to one of those folders.
    return singles["../" .. path] == path
  end

  it("include the main pages, with the paths that they have in the project", function()
    for _, path in ipairs({ "README.md", "LICENSE", "CHANGELOG.md", "examples", "types/bsdsocket.d.lua" }) do
      assert.is_true(has(path), path)
    end
    for place, path in pairs(singles) do
      assert.equal("../" .. path, place)
      assert.is_true(temporary.read(path) ~= "", path)
    end
  end)

  it("include the target of each link in them", function()
    for _, path in ipairs(files "*.md */*.md docs/*/*.md") do
      for _, link in ipairs(has(path) and links(path) or {}) do
        assert.is_true(has(link.path), path .. " links to " .. link.target)
      end
    end
  end)

  it("include no types that require finds", function()
    assert.is_nil(rock.build.install.lua)
    assert.is_false((pcall(require, "bsdsocket.types")))
    assert.is_false((pcall(require, "bsdsocket.constants")))
  end)
end)

describe("the table of audit events", function()
  local source = temporary.read "src/embedding/event.rs"
  local known = {}
  for name in source:match("NAMES: .-= &%[(.-)%];"):gmatch '"(.-)"' do
    known[#known + 1] = name
  end
  table.sort(known)

  for path, mark in pairs { ["types/bsdsocket.d.lua"] = "%-%-%-", ["src/embedding/event.rs"] = "/// " } do
    it("has the events of the library, in " .. path, function()
      local listed = {}
      local rows = temporary.read(path):match("\n" .. mark .. "| event | arguments |(.-\n)" .. mark .. "?%s*\n")
      for names in rows:gmatch "\n%S* ?(| `[^|]*) |" do
        for name in names:gmatch "`(.-)`" do
          listed[#listed + 1] = name
        end
      end
      table.sort(listed)
      assert.same(known, listed)
    end)
  end
end)

describe("the output of types/generate.lua", function()
  local made = {}
  assert(loadfile "types/generate.lua")(function(path, text)
    made[path] = text
  end)

  for path, text in pairs(made) do
    it("is up to date: " .. path, function()
      assert.is_true(text == temporary.read(path), "stale: run make docs")
    end)
  end

  it("is everything in docs/reference", function()
    for _, path in ipairs(files "docs/reference/*") do
      assert.is_truthy(made[path], path)
    end
  end)
end)
