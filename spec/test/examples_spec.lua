-- Runs the examples of tests of real servers, where these are installed.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local system = require "spec.support.system"

if system.windows then
  skip "tests of real servers: Windows has no process groups"
  return
end

local EXAMPLES = {
  { "examples/testing/http_server_spec.lua", "python3" },
  { "examples/testing/nginx_spec.lua", "nginx" },
  { "examples/testing/redis_spec.lua", "redis-server" },
}

for _, example in ipairs(EXAMPLES) do
  local path, program = example[1], example[2]
  if child.has(program) then
    -- The functions of busted are in the environment of this file.
    local environment = setmetatable({ describe = describe, it = it, assert = assert }, { __index = _G })
    local chunk
    if rawget(_G, "setfenv") then
      chunk = assert(loadfile(path))
      setfenv(chunk, environment)
    else
      chunk = assert(loadfile(path, "t", environment))
    end
    chunk()
  else
    skip(path .. ": there is no " .. program)
  end
end
