-- Asserts that Ctrl-C ends a Lua program that prints `ready` before it blocks.

local assert = require "luassert"
local child = require "spec.support.child"

return function(program)
  local started = child.lua(program, { limit = 5, after = [[ print("not interrupted")]] })
  assert.equal("ready", started:line())
  started:asleep()
  started:signal("INT")
  local output, complaints, status = started:finish()
  assert.equal("", output)
  assert.is_truthy(complaints:find("interrupted!", 1, true), complaints)
  assert.equal(1, status)
end
