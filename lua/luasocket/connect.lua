-- `socket.connect`: a composed function whose methods may wait in a task, which not every Lua lets native functions do.

-- The native functions have no types here.
---@diagnostic disable: undefined-field, need-check-nil

local core = ...

local error, type = error, type
local format = string.format
local tcp = core.tcp

local FAMILIES = { unspec = tcp, inet = core.tcp4, inet6 = core.tcp6 }

local function check(value, index)
  if type(value) ~= "string" and type(value) ~= "number" then
    local name = value == nil and "no value" or type(value)
    error(format("bad argument #%d to 'connect' (string expected, got %s)", index, name), 3)
  end
end

function core.connect(host, port, localhost, localport, family)
  check(host, 1)
  check(port, 2)
  local open = FAMILIES[family or "unspec"]
  if not open then
    error(format("bad argument #5 to 'connect' (invalid option '%s')", tostring(family)), 2)
  end
  local client, words = open()
  local done = client
  if done and localhost then
    done, words = client:bind(localhost, localport or 0)
  end
  if done then
    done, words = client:connect(host, port)
  end
  if done then
    return client
  elseif client then
    client:close()
  end
  return nil, words
end
