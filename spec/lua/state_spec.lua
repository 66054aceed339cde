local child = require "spec.support.child"

-- Lua code that may run where a call of the library has begun something and Lua goes on with it.
describe("a call of the library", function()
  for _, case in ipairs({
    { "is entered", "c" },
    { "is left", "r" },
    { "is entered and left", "cr" },
  }) do
    it("is another's no more when a debug hook calls the library as it " .. case[1], function()
      local output, complaints = child.run(([[
        local socket = require "bsdsocket"
        local called = 0
        local function compare(port)
          local found, more = socket.getaddrinfo("127.0.0.1", port, { type = socket.SOCK_STREAM })
          assert(#found == 1 and found[1].sockaddr.port == port and more == nil)
          local host, service, more = socket.getnameinfo({ "127.0.0.1", port }, socket.NI_NUMERICHOST)
          assert(host == "127.0.0.1" and service and more == nil)
        end
        debug.sethook(function()
          called = called + 1
          compare(7)
        end, %q)
        for port = 1, 50 do
          compare(port)
        end
        debug.sethook()
        print(called > 50)
      ]]):format(case[2]))
      assert.same({ "true\n", "" }, { output, complaints })
    end)
  end
end)
