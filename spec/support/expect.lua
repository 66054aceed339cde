-- What calls return and raise, said in one line.

local assert = require "luassert"
local lua = require "spec.support.lua"
local system = require "spec.support.system"

local expect = {}

-- The call raises exactly this message; called from no Lua code, it has no position before it.
function expect.misuse(message, call, ...)
  local results = lua.pack(pcall(call, ...))
  assert.same({ false, message, n = 2 }, results)
end

-- A message as far as it is the library's own: specs have the words of Linux, other systems have others.
function expect.own(message, code)
  local before = type(message) == "string" and message:match("^(.*: )[^:]*$")
  return not system.linux and before and before .. code or message
end

-- These results are `nil, message, code`, and nothing more.
function expect.failure(message, code, ...)
  local results = lua.pack(...)
  results[2] = expect.own(results[2], tostring(results[3]))
  assert.same({ nil, expect.own(message, code), code, n = 3 }, results)
end

-- These results are exactly `true`.
function expect.done(...)
  assert.same({ true, n = 1 }, lua.pack(...))
end

return expect
