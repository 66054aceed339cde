-- The example that needs administrator rights.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

if not system.windows then
  return skip "examples/windows_sniffer.lua: it is for Windows"
end

describe("examples/windows_sniffer.lua", function()
  it("prints a packet, or reports what the system refuses", function()
    local output, complaints = child.run(temporary.read "examples/windows_sniffer.lua", { arguments = "127.0.0.1" })
    if complaints ~= "" then
      assert.truthy(complaints:find "socket: " or complaints:find "ioctl: " or complaints:find "timed out", complaints)
      return skip("a sniffer: " .. complaints:match "[^\n]+")
    end
    assert.truthy(output:find "^%d+ bytes from %d+%.%d+%.%d+%.%d+:0\n%x%x ", output)
  end)
end)
