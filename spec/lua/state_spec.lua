local child = require "spec.support.child"

-- A debug hook that calls the library while another call of the library is beginning or ending.
describe("a call of the library", function()
  for _, case in ipairs({
    { "is entered", "c" },
    { "is left", "r" },
    { "is entered and left", "cr" },
  }) do
    it("is not disturbed by a debug hook that calls the library as a function " .. case[1], function()
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
