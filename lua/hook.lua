-- Makes the audit hook of a host: it raises what the host answers, as plain text. The second function is called when
-- the Lua state is being closed, before the host's own is gone; a finalizer that comes later does nothing any more.

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
