-- The functions of LuaSystem that busted uses: clocks, which only time the specs.

return { gettime = os.time, monotime = os.time }
