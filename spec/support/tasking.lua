--- Helps the specs of tasks.
local tasks = require "bsdsocket.tasks"

local tasking = {}

--- A test whose body is a task. What it leaves behind is a failure.
function tasking.inside(body)
  return function()
    tasks.run(body)
    assert(#tasks.all() == 0, "tasks are left")
  end
end

--- PUC Lua 5.1 yields neither through the iterator of a `for`, nor through `pcall` and metamethods.
tasking.iterates = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

--- Lets all others run until they wait.
function tasking.settle()
  for _ = 1, 10 do
    assert(tasks.yield())
  end
end

return tasking
