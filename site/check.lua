-- Finds links and pictures of HTML pages that lead nowhere. Links to other sites are not followed.

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

-- The path of a link in a page of `folder`.
local function resolve(folder, link)
  local path = folder .. link
  while path:find "/[^/]+/%.%./" do
    path = path:gsub("/[^/]+/%.%./", "/", 1)
  end
  return (path:gsub("/%./", "/"))
end

-- The values of attributes in a page.
local function attributes(text, names)
  local values = {}
  for _, name in ipairs(names) do
    for value in text:gmatch("%s" .. name .. '="([^"]*)"') do
      values[#values + 1] = value
    end
  end
  return values
end

-- The names that links to a page may end with.
local function anchors(text)
  local found = {}
  for _, name in ipairs(attributes(text, { "id", "name" })) do
    found[name] = true
  end
  return found
end

--- Returns the broken links of all pages below a folder.
---@param root string
---@return string[]
return function(root)
  local output <close> = assert(io.popen("find " .. root .. " -name '*.html'"))
  local broken, known = {}, {} ---@type string[], table<string, table<string, true>>
  for page in output:lines() do
    for _, link in ipairs(attributes(read(page), { "href", "src" })) do
      local target, anchor = link:match "^([^#]*)#?(.*)$"
      if not link:find "^%a[%w+.-]*:" then
        local path = target == "" and page or resolve(page:match "^.*/", target:gsub("%?.*", ""))
        if not path:find "%.%w+$" and exists(path .. "/index.html") then
          path = path .. "/index.html"
        end
        if not exists(path) then
          broken[#broken + 1] = ("%s: %s does not exist"):format(page, link)
        elseif anchor ~= "" and path:find "%.html$" then
          known[path] = known[path] or anchors(read(path))
          if not known[path][anchor] then
            broken[#broken + 1] = ("%s: %s has no such heading"):format(page, link)
          end
        end
      end
    end
  end
  return broken
end
