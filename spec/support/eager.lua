-- Has the collector work as eagerly as this Lua lets it: a helper for busted. From Lua 5.4 on it goes a step at each
-- allocation, before that after each kilobyte; and it never pauses.

if pcall(collectgarbage, "incremental", 1, 200, 1) then
  return
end
require("spec.support.lua").collector(1, 400)
