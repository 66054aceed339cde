-- What is done while calls fail is a scenario: at least one for each function that makes calls. This makes one, of an
-- operation, which is the name that its messages begin with, and a table:
--
--   timeouts   the timeouts that it is tried with (false for none), else only none
--   make       makes what it needs, given the timeout: a table, whose members with `close` are closed afterwards
--   act        makes the call; what it returns is the outcome
--   check      whatever the outcome: raises when something was lost. It gets what was made, the case, then the results
--   starved    gives back what was made by hand, where Lua had no memory
--   collects   true where finalizers run: Lua leaves one out that it has no memory to call
--   confined   true where the library asks for memory of a size that the program chooses: without it, ENOMEM
--   only_confined  true where nothing else of it is tried
--   outcome    where it differs from what functions.lua says: given the case and the fault; `nil` where it does not

local fixtures = require "faults.fixtures"

local scenario = {
  -- All of them, in order.
  all = {},
  -- Timeouts to try with.
  NONE = { false },
  WAITING = { false, 5 },
  ANY = { false, 5, 0 },
}

local function nothing()
  return {}
end

local function make(_, operation)
  return function(fields)
    fields.operation = operation
    fields.timeouts = fields.timeouts or scenario.NONE
    fields.make = fields.make or nothing
    fields.check = fields.check or fixtures.keep
    scenario.all[#scenario.all + 1] = fields
  end
end

return setmetatable(scenario, { __call = make })
