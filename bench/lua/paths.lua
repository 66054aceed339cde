-- Adds the benchmark's own modules to the search paths: the adapters, and what
-- setup.sh built for the running Lua. Returns the adapter loader.

local here = arg[0]:match "^.*/" or "./"

local flavour = "lua" .. _VERSION:match "%d+%.%d+"
if package.loaded.jit then
  flavour = "luajit"
end

package.path = here .. "?.lua;" .. package.path
package.cpath = here .. "../../target/bench/" .. flavour .. "/?.so;" .. package.cpath

-- One adapter per library: a table of functions, each named after a test, that
-- open the sockets and return the loop to measure.
local function adapter(name)
  return require("adapters." .. name)
end

return adapter
