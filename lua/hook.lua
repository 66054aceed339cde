-- Makes the audit hook of a Rust host from the host's function, which returns a message when it forbids the operation;
-- the hook raises the message. The second function is called when the Lua state is being closed, before the host's
-- function is freed; from then on all events are forbidden.

---@type (fun(event: string, ...): string?), fun(message: string, level: integer)
local check, error = ...

local function hook(...)
  local message = check(...)
  if message then
    error(message, 0)
  end
end

local function close()
  function check()
    return "the Lua state is closing"
  end
end

return hook, close
