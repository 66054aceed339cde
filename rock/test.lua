-- Runs the specs with busted on the Lua that runs this file, and on the module that rock/build.lua has built.
-- `luarocks test` runs it.

package.cpath = "./target/rock/?.so;" .. package.cpath
require "busted.runner" { standalone = false }
