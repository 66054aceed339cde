-- Asserts that Ctrl-C ends a Lua program that prints `ready` before it blocks. By default it is a child; else `start`
-- starts it, given the program and the seconds after which to end it.

local assert = require "luassert"
local child = require "spec.support.child"

local LIMIT, AFTER = 5, [[ print("not interrupted")]]

return function(program, start)
  local started = start and start(program .. AFTER, LIMIT) or child.lua(program, { limit = LIMIT, after = AFTER })
  assert.equal("ready", started:line())
  started:asleep()
  started:signal("INT")
  local output, complaints, status = started:finish()
  assert.equal("", output)
  assert.is_truthy(complaints:find("interrupted!", 1, true), complaints)
  assert.equal(1, status)
end
