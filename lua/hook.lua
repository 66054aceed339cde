-- Creates the Lua side of a host's audit hook: it raises the message that the host returns. The second function is
-- called when the Lua state is being closed, before the host's hook is dropped; afterwards every event is vetoed.

---@type (fun(event: string, ...): string?), fun(message: string, level: integer)
local ask, error = ...

local function hook(...)
  local refusal = ask(...)
  if refusal then
    error(refusal, 0)
  end
end

local function close()
  function ask()
    return "the Lua state is closing"
  end
end

return hook, close
