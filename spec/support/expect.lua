-- What calls return and raise, said in one line.

local assert = require "luassert"
local lua = require "spec.support.lua"

local expect = {}

-- The call raises exactly this message; called from no Lua code, it has no position before it.
function expect.misuse(message, call, ...)
  local results = lua.pack(pcall(call, ...))
  assert.same({ false, message, n = 2 }, results)
end

-- These results are `nil, message, code`, and nothing more.
function expect.failure(message, code, ...)
  assert.same({ nil, message, code, n = 3 }, lua.pack(...))
end

-- These results are exactly `true`.
function expect.done(...)
  assert.same({ true, n = 1 }, lua.pack(...))
end

return expect
