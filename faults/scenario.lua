-- A scenario is a test to run while system calls fail; each function that makes system calls needs at least one. This
-- module creates one from the name of the operation, with which its messages begin, and a table:
--
--   timeouts   the timeouts to test with (false for none); by default only none
--   make       prepares the test, given the timeout: returns a table, whose members with `close` are closed afterwards
--   act        makes the call; its results are the outcome
--   check      is called with any outcome, and raises if something was lost: given the table, the case, the results
--   starved    releases what was made if Lua had no memory
--   collects   true if finalizers run: Lua skips a finalizer that it has no memory to call
--   confined   true if the library allocates a size that the program chooses: it fails with ENOMEM without that memory
--   only_confined  true if only that is tested
--   unordered  the names of calls that are not tried, because any thread may make them
--   outcome    where it differs from functions.lua: given the case and the fault; nil if it does not differ
--   words      what the call returns in place of a code: given the code
--   aside      true if a thread looks up names without limits too

local fixtures = require "faults.fixtures"

local scenario = {
  -- All scenarios, in order.
  all = {},
  -- Timeouts to test with.
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
