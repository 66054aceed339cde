-- Runs busted where only the interpreter and its own libraries are: what busted takes from three C modules is done in
-- Lua, as far as it needs it for files that are named. The first argument is the folder of busted's Lua files, the others
-- are files with specs. What windows/left_out.lua lists is left out, and said.

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

-- A path is a file when it can be opened.
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

for _, group in ipairs(dofile "windows/left_out.lua") do
  local reason = group[1]
  for n = #files, 1, -1 do
    if group.file and files[n]:sub(1, #group.file) == group.file then
      print(("left out: %s: %s"):format(table.remove(files, n), reason))
    end
  end
  for n = 2, #group do
    print(("left out: %s: %s"):format(group[n], reason))
    table.insert(arg, "--filter-out=^" .. group[n]:gsub("%p", "%%%0"))
  end
end
table.insert(arg, "--output=plainTerminal")
for _, file in ipairs(files) do
  table.insert(arg, file)
end

require "busted.runner" { standalone = false }
