-- Runs busted on Lua 5.5, where loop variables are constants. Modules of busted that assign to one are patched when
-- loaded: the loop body then begins with a local variable of the same name.

-- Patches the source for one compiler error about such an assignment; returns nil for any other error.
local function amended(text, problem)
  local number, name = problem:match ":(%d+): attempt to assign to const variable '([%w_]+)'"
  if not number then
    return nil
  end
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = line
  end
  for n = tonumber(number), 1, -1 do
    local variables = lines[n]:match "^%s*for%s+(.-)%s+in%s.*%sdo$"
    if variables and ("," .. variables .. ","):find("[%s,]" .. name .. "[%s,]") then
      lines[n] = ("%s local %s = %s"):format(lines[n], name, name)
      return table.concat(lines, "\n")
    end
  end
end

-- Replaces Lua's own searcher.
package.searchers[2] = function(module)
  local path, message = package.searchpath(module, package.path)
  if not path then
    return message
  end
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  repeat
    local chunk, problem = load(text, "@" .. path)
    if chunk then
      return chunk, path
    end
    text = amended(text, problem)
  until not text
  error(("error loading module '%s' from file '%s'"):format(module, path))
end

require "busted.runner" { standalone = false }
