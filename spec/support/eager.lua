-- A busted helper that makes the collector work as often as this Lua allows: from Lua 5.4 on a step at each allocation,
-- before that one after each kilobyte, without pauses.

if pcall(collectgarbage, "incremental", 1, 200, 1) then
  return
end
require("spec.support.lua").collector(1, 400)
