-- Runs busted on Lua 5.5, where the variables of a loop are constants: modules that busted needs assign to some. There
-- the body of the loop begins with a local variable of the same name.

-- The text with one assignment more allowed, given the compiler's complaint; nil when it complains of something else.
local function amended(text, complaint)
  local number, name = complaint:match ":(%d+): attempt to assign to const variable '([%w_]+)'"
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

-- In the place of Lua's own searcher.
package.searchers[2] = function(module)
  local path, message = package.searchpath(module, package.path)
  if not path then
    return message
  end
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  repeat
    local chunk, complaint = load(text, "@" .. path)
    if chunk then
      return chunk, path
    end
    text = amended(text, complaint)
  until not text
  error(("error loading module '%s' from file '%s'"):format(module, path))
end

require "busted.runner" { standalone = false }
