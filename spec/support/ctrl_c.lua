-- Asserts that Ctrl-C ends a Lua program that prints `ready` before it blocks. By default it is a child; else `start`
-- starts it, given the program and the seconds after which to end it.

local assert = require "luassert"
local child = require "spec.support.child"

local LIMIT = 5

return function(program, start)
  program = program .. [[ print("not interrupted")]]
  local started = start and start(program, LIMIT) or child.lua(program, { limit = LIMIT })
  assert.equal("ready", started:line())
  started:asleep()
  started:signal("INT")
  local output, complaints, status = started:finish()
  assert.equal("", output)
  assert.is_truthy(complaints:find("interrupted!", 1, true), complaints)
  assert.equal(1, status)
end
