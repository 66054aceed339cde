local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local network = require "spec.support.network"
local socket = require "bsdsocket"

describe("has_ipv6", function()
  it("tells whether the library was built with IPv6", function()
    assert.is_true(socket.has_ipv6)
  end)
end)

if not network.has_ipv6() then
  return
end

describe("an AF_INET6 address", function()
  descriptors.watch(setup, teardown)

  ---@type bsdsocket.Socket, any
  local bound, address

  before_each(function()
    bound = network.bound(socket.AF_INET6)
    address = assert(bound:getsockname())
  end)

  after_each(function()
    bound:close()
  end)

  -- The address that getaddrinfo returns for a numeric host.
  local function looked_up(host)
    return assert(socket.getaddrinfo(host, 80, socket.AF_INET6, 0, 0, socket.AI_NUMERICHOST))[1].sockaddr
  end

  describe("that is returned", function()
    it("is a table of four fields", function()
      assert.is_true(address[2] > 0 and address[2] < 65536)
      assert.same({ "::1", address[2], 0, 0 }, address)
      assert.equal(4, #address)
    end)

    it("has its fields by name", function()
      assert.same(
        { address[1], address[2], address[3], address[4] },
        { address.host, address.port, address.flowinfo, address.scope_id }
      )
    end)

    it("compares by value", function()
      local other = socket.unpack_address(assert(socket.pack_address(socket.AF_INET6, address)))
      assert.is_true(address == other)
      other.scope_id = 1
      assert.is_false(address == other)
    end)

    it("converts to [host]:port", function()
      assert.equal("[::1]:" .. address.port, tostring(address))
      assert.equal("[fe80::1%1]:80", tostring(looked_up("fe80::1%lo")))
    end)

    it("can be passed back", function()
      bound:close()
      local again = assert(socket.socket(socket.AF_INET6))
      assert(again:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
      assert(again:bind(address))
      assert.is_true(address == again:getsockname())
      again:close()
    end)

    -- Hosts and how they are formatted.
    local WRITTEN = {
      { "0:0:0:0:0:0:0:0", "::" },
      { "0:0:0:0:0:0:0:1", "::1" },
      { "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
      { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
      { "1:0:0:2:0:0:0:3", "1:0:0:2::3" },
      { "::ffff:1.2.3.4", "::ffff:1.2.3.4" },
      { "::1.2.3.4", "::1.2.3.4" },
      { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    }
    for _, case in ipairs(WRITTEN) do
      it("formats " .. case[1] .. " as " .. case[2], function()
        assert.same({ case[2], 80, 0, 0 }, looked_up(case[1]))
      end)
    end
  end)

  describe("that is passed in", function()
    local function connected(given)
      local datagram = assert(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
      local done, message, code = datagram:connect(given)
      local name = datagram:getpeername()
      datagram:close()
      return done and name, message, code
    end

    it("has two to four fields", function()
      for _, given in ipairs({ { "::1", 9 }, { "::1", 9, 0 }, { "::1", 9, 0, 0 }, { host = "::1", port = 9 } }) do
        assert.same({ "::1", 9, 0, 0 }, assert(connected(given)))
      end
    end)

    it("accepts a host name", function()
      local found = socket.getaddrinfo("localhost", 9, socket.AF_INET6)
      if found then
        assert.same({ found[1].sockaddr.host, 9, 0, 0 }, assert(connected({ "localhost", 9 })))
      end
    end)

    it("accepts an empty host as the wildcard address", function()
      local everywhere = assert(socket.socket(socket.AF_INET6))
      assert(everywhere:bind({ "", 0 }))
      assert.equal("::", everywhere:getsockname().host)
      everywhere:close()
    end)

    it("accepts a scope in the host or as a field, which takes precedence", function()
      for _, given in ipairs({ { "fe80::1%lo", 9 }, { "fe80::1", 9, 0, 1 }, { "fe80::1%77", 9, scope_id = 1 } }) do
        local name, message = connected(given)
        if name then
          assert.same({ "fe80::1", 9, 0, 1 }, name)
        else
          assert.equal("connect [fe80::1%1]:9: ", message:match("^.*]:9: "))
        end
      end
    end)

    it("returns the scope as a number, never in the host", function()
      assert.same({ "fe80::1", 80, 0, 1 }, looked_up("fe80::1%lo"))
      assert.same({ "fe80::1", 80, 0, 1 }, looked_up("fe80::1%1"))
    end)

    it("rejects a broadcast address", function()
      for _, host in ipairs({ "<broadcast>", "255.255.255.255" }) do
        local done, message, code = bound:connect({ host, 9 })
        assert.same({ nil, "EAFNOSUPPORT" }, { done, code })
        assert.equal("address family mismatched", message:match(": (.*)$"))
      end
    end)

    it("fails for a host of the other family", function()
      local message = "connect 127.0.0.1:80: Address family for hostname not supported"
      expect.failure(message, "EAI_ADDRFAMILY", bound:connect({ "127.0.0.1", 80 }))
    end)

    it("accepts the largest flow information", function()
      local again = assert(socket.socket(socket.AF_INET6))
      assert(again:bind({ "::1", 0, 1048575 }))
      again:close()
    end)

    -- Invalid addresses and the error messages.
    local WRONG = {
      { "no table", "::1", "address in a table expected, got string" },
      { "no host", {}, "address field 'host': string expected" },
      { "no port", { "::1" }, "address field 'port': number expected" },
      { "a negative port", { "::1", -1 }, "address field 'port' out of range" },
      { "a port too high", { "::1", 65536 }, "address field 'port' out of range" },
      { "negative flow information", { "::1", 80, -1 }, "address field 'flowinfo' out of range" },
      { "flow information too high", { "::1", 80, 1048576 }, "address field 'flowinfo' out of range" },
      { "a table as flow information", { "::1", 80, {} }, "address field 'flowinfo': number expected" },
      { "a negative scope", { "::1", 80, 0, -1 }, "address field 'scope_id' out of range" },
      { "a scope too high", { "::1", 80, 0, 2 ^ 32 }, "address field 'scope_id' out of range" },
      { "half a scope", { "::1", 80, 0, 0.5 }, "address field 'scope_id' has no integer representation" },
      { "a NUL in the host", { "::1\0", 80 }, "host contains a NUL" },
    }
    for _, case in ipairs(WRONG) do
      it("is rejected: " .. case[1], function()
        expect.misuse(("bad argument #1 to 'bind' (%s)"):format(case[3]), bound.bind, bound, case[2])
        expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(case[3]), bound.sendto, bound, "x", case[2])
      end)
    end
  end)

  it("appears formatted in error messages", function()
    local message = "bind [::1]:" .. address.port .. ": Address already in use"
    local other = assert(socket.socket(socket.AF_INET6))
    expect.failure(message, "EADDRINUSE", other:bind(address))
    other:close()
  end)

  it("is returned by recvfrom and accept", function()
    local one, other = network.datagram(socket.AF_INET6), network.datagram(socket.AF_INET6)
    assert.equal(5, one:sendto("hello", other:getsockname()))
    local data, from = other:recvfrom(10)
    assert.equal("hello", data)
    assert.is_true(from == one:getsockname())
    local client, server = network.connected(socket.AF_INET6)
    assert.is_true(client:getsockname() == server:getpeername())
    network.close(one, other, client, server)
  end)
end)
