-- Other Lua libraries. Only child processes load them, because some change the process: LuaSocket ignores SIGPIPE.

local child = require "spec.support.child"
local skip = require "spec.support.skip"

local library = {}

local PROBE = [[
local here, reason = pcall(require, arg[1])
io.write(here and "" or tostring(reason):match("^[^\n]*"))
]]

-- Whether this Lua has the library; if not, prints what is skipped.
function library.has(name)
  local reason, complaints, status = child.run(PROBE, { arguments = child.quote(name) })
  if reason == "" and status == 0 then
    return true
  end
  skip(("sockets and %s: %s"):format(name, reason .. complaints))
  return false
end

return library
