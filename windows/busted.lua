-- Runs busted where only the interpreter and its own libraries are: what busted takes from three C modules is done in
-- Lua, as far as it needs it for files that are named. The first argument is the folder of busted's Lua files, the rest
-- is busted's.

local libraries = table.remove(arg, 1)
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

require "busted.runner" { standalone = false }
