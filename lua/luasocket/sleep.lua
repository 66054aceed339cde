-- `socket.sleep`, which returns nothing: a native function that waits in a task must return a value.

---@type table<string, function>
local core = ...

local sleep = core.sleep

function core.sleep(...)
  sleep(...)
end
