-- Runs busted with nothing but the interpreter and its standard libraries: three C modules of busted are replaced by
-- Lua code that is sufficient to run files given by name. The first argument is the folder of busted's Lua files, the
-- others are spec files. Skips what windows/left_out.lua lists, and prints it.

io.stdout:setvbuf "no"

local libraries = table.remove(arg, 1)
local files = {}
while arg[1] do
  table.insert(files, table.remove(arg, 1))
end
package.path = ("./?.lua;./?/init.lua;%s/?.lua;%s/?/init.lua"):format(libraries, libraries)

local function nothing()
  return nil
end

-- A path is taken for a file if it can be opened.
local function attributes(path, what)
  local file = io.open(path, "rb")
  if not file then
    return nil, "no such file"
  end
  file:close()
  return what == "mode" and "file" or { mode = "file" }
end

package.preload.lfs = function()
  return {
    attributes = attributes,
    symlinkattributes = attributes,
    currentdir = function()
      return "."
    end,
    chdir = function()
      return true
    end,
    dir = nothing,
    mkdir = nothing,
    rmdir = nothing,
  }
end

package.preload.system = function()
  return { gettime = os.time, monotime = os.clock, sleep = nothing }
end

package.preload.term = function()
  return { isatty = nothing }
end

-- The reasons for skipping specs, by the beginnings of their names.
local reasons = {}
for _, group in ipairs(dofile "windows/left_out.lua") do
  for n = #files, 1, -1 do
    if group.file and files[n]:sub(1, #group.file) == group.file then
      print(("skipped: %s: %s"):format(table.remove(files, n), group[1]))
    end
  end
  for n = 2, #group do
    reasons[group[n]] = group[1]
  end
end
if not files[1] then
  return
end

-- The full name of a spec, with the names of the blocks around it.
local function full_name(busted, name)
  local block = busted.context.get()
  while block and block.descriptor ~= "file" and (block.name or block.descriptor) do
    name = (block.name or block.descriptor) .. " " .. name
    block = busted.context.parent(block)
  end
  return name
end

local new = require "busted.core"

package.loaded["busted.core"] = function()
  local busted = new()
  busted.subscribe({ "register", "it" }, function(name)
    local full = full_name(busted, name)
    for beginning, reason in pairs(reasons) do
      if full:sub(1, #beginning) == beginning then
        print(("skipped: %s: %s"):format(full, reason))
        return nil, false
      end
    end
    return nil, true
  end, { priority = 1 })
  return busted
end

table.insert(arg, "--output=plainTerminal")
for _, file in ipairs(files) do
  table.insert(arg, file)
end
require "busted.runner" { standalone = false }
