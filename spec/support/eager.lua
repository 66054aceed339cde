-- A busted helper that makes the collector work as often as this Lua allows: from Lua 5.4 on a step at each allocation,
-- before that one after each kilobyte, without pauses.

if pcall(collectgarbage, "incremental", 1, 200, 1) then
  return
end
collectgarbage("setpause", 1)
collectgarbage("setstepmul", 400)
