---@meta luassert

-- Type declarations for what the specs use of busted and luassert.

---@param name string
---@param body fun()
function describe(name, body) end

---@param name string
---@param body fun()
function it(name, body) end

---@param body fun()
function before_each(body) end

---@param body fun()
function after_each(body) end

---@param body fun()
function setup(body) end

---@param body fun()
function teardown(body) end

---@param reason string
function pending(reason) end

---@class luassert
---@overload fun<T, T1>(v: T, ...: T1...): std.NotNull<T>, T1...
---@field are_not luassert
local luassert = {}

---@param expected any
---@param found any
---@param message? string
function luassert.equal(expected, found, message) end

---@param expected any
---@param found any
---@param message? string
function luassert.same(expected, found, message) end

---@param value any
---@param message? string
function luassert.is_true(value, message) end

---@param value any
---@param message? string
function luassert.is_false(value, message) end

---@param value any
---@param message? string
function luassert.is_nil(value, message) end

---@param value any
---@param message? string
function luassert.is_not_nil(value, message) end

---@param pattern string
---@param text any
---@param first? integer
---@param plain? boolean
function luassert.matches(pattern, text, first, plain) end

---@param value any
---@param message? string
function luassert.is_function(value, message) end

---@param value any
---@param message? string
function luassert.is_truthy(value, message) end

---@param value any
---@param message? string
function luassert.truthy(value, message) end

---@param value any
---@param message? string
function luassert.is_boolean(value, message) end

---@param value any
---@param message? string
function luassert.is_string(value, message) end

---@param value any
---@param message? string
function luassert.is_table(value, message) end

-- The assertion of `bsdsocket.test`.
---@param expected string
---@param actual any
function luassert.bytes(expected, actual) end

---@type luassert
assert = luassert

return luassert
