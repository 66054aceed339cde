-- Addresses of 127.0.0.1: one that nobody listens on, and one that is free for a program that a test starts.

---@type fun(name: string): any
local use = ...

local failure, socket = use "failure", use "socket"

local ports = {}

local function bound(call)
  local s, message = socket.socket()
  local ok = s
  if s then
    ok, message = s:bind { "127.0.0.1", 0 }
  end
  if not ok then
    failure.misuse(call .. ": " .. message)
  end
  return s
end

-- An address that refuses connections, as long as the socket is open that is given with it.
function ports.closed_address()
  local s = bound "closed_address"
  return s:getsockname(), s
end

-- An address that was free a moment ago.
function ports.free_address()
  local s = bound "free_address"
  local address = s:getsockname()
  s:close()
  return address
end

return ports
