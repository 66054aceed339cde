-- One-line assertions for results and errors.

local assert = require "luassert"
local lua = require "spec.support.lua"
local system = require "spec.support.system"

local expect = {}

-- Asserts that the call raises exactly this message, without a position, because no Lua code calls it.
function expect.misuse(message, call, ...)
  local results = lua.pack(pcall(call, ...))
  assert.same({ false, message, n = 2 }, results)
end

-- The library's part of a message: the specs contain Linux's error texts, other systems have others.
function expect.own(message, code)
  local before = type(message) == "string" and message:match("^(.*: )[^:]*$")
  return not system.linux and before and before .. code or message
end

-- Asserts that the results are exactly `nil, message, code`.
function expect.failure(message, code, ...)
  local results = lua.pack(...)
  results[2] = expect.own(results[2], tostring(results[3]))
  assert.same({ nil, expect.own(message, code), code, n = 3 }, results)
end

-- A name as it stands in a message, behind the operation.
function expect.about(name)
  return name == "" and "" or " " .. name:sub(1, 200)
end

-- Asserts that the results are exactly `true`.
function expect.done(...)
  assert.same({ true, n = 1 }, lua.pack(...))
end

return expect
