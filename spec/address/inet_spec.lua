local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

describe("an AF_INET address", function()
  descriptors.watch(setup, teardown)

  ---@type bsdsocket.Socket, any
  local bound, address

  before_each(function()
    bound = network.bound()
    address = assert(bound:getsockname())
  end)

  after_each(function()
    bound:close()
  end)

  -- The address of a fresh socket after it was bound.
  local function name_after_bind(given)
    local fresh = assert(socket.socket())
    assert(fresh:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
    assert(fresh:bind(given))
    local name = assert(fresh:getsockname())
    fresh:close()
    return name
  end

  describe("that is returned", function()
    it("is a table of host and port", function()
      local port = address[2]
      assert.is_true(port > 0 and port < 65536 and port % 1 == 0)
      assert.equal("table", type(address))
      assert.same({ "127.0.0.1", port }, address)
      assert.equal(2, #address)
      assert.same({ "127.0.0.1", port }, { lua.unpack(address) })
      local fields = {}
      for n, field in ipairs(address) do
        fields[n] = field
      end
      assert.same({ "127.0.0.1", port }, fields)
    end)

    it("has its fields by name", function()
      assert.equal("127.0.0.1", address.host)
      assert.equal(address[2], address.port)
      assert.is_nil(address.path)
      assert.is_nil(address[3])
    end)

    it("has an integer port", function()
      if math.type then
        assert.equal("integer", math.type(address.port))
      else
        assert.equal(math.floor(address.port), address.port)
      end
    end)

    it("compares by value", function()
      local fresh = socket.unpack_address(assert(socket.pack_address(socket.AF_INET, address)))
      assert.is_true(address == fresh)
      assert.is_false(rawequal(address, fresh))
      local other = network.bound()
      assert.is_false(address == other:getsockname())
      other:close()
    end)

    it("converts to host:port", function()
      assert.equal("127.0.0.1:" .. address.port, tostring(address))
    end)

    it("has assignable fields", function()
      address.host, address.port = "0.0.0.0", 1
      assert.same({ "0.0.0.0", 1 }, address)
    end)

    it("can be passed back", function()
      bound:close()
      assert.is_true(address == name_after_bind(address))
    end)

    it("shares its metatable with other addresses", function()
      assert.equal(debug.getmetatable(address), debug.getmetatable(bound:getsockname()))
    end)

    it("hides its metatable, so that scripts cannot change it", function()
      assert.is_false(getmetatable(address))
      assert.is_false(pcall(setmetatable, address, {}))
    end)
  end)

  describe("that is passed in", function()
    local function free_port()
      bound:close()
      return address.port
    end

    it("accepts its fields by position", function()
      local port = free_port()
      assert.same({ "127.0.0.1", port }, name_after_bind({ "127.0.0.1", port }))
    end)

    it("accepts its fields by name", function()
      local port = free_port()
      assert.same({ "127.0.0.1", port }, name_after_bind({ host = "127.0.0.1", port = port }))
    end)

    it("accepts some fields by position, others by name", function()
      local port = free_port()
      assert.same({ "127.0.0.1", port }, name_after_bind({ "127.0.0.1", port = port }))
    end)

    it("accepts the port as a numeral", function()
      local port = free_port()
      assert.same({ "127.0.0.1", port }, name_after_bind({ "127.0.0.1", tostring(port) }))
    end)

    -- Hosts and the address that each resolves to.
    local HOSTS = {
      { "", "0.0.0.0" },
      { "0.0.0.0", "0.0.0.0" },
      { "127.0.0.1", "127.0.0.1" },
      { "127.1.20.255", "127.1.20.255" },
      { "127.1", "127.0.0.1" },
      { "0x7f.1", "127.0.0.1" },
      { "0177.0.0.1", "127.0.0.1" },
      { "2130706433", "127.0.0.1" },
      { "localhost", "127.0.0.1" },
      { "<broadcast>", "255.255.255.255" },
      { "255.255.255.255", "255.255.255.255" },
    }
    for _, case in ipairs(HOSTS) do
      it(("resolves the host %q to %s"):format(case[1], case[2]), function()
        local datagram = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(datagram:bind({ case[1], 0 }))
        assert.equal(case[2], datagram:getsockname().host)
        datagram:close()
      end)
    end

    it("accepts every port from 0 to 65535", function()
      for _, port in ipairs({ 0, 1, 65535 }) do
        local datagram = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        local _, message = datagram:sendto(("x"):rep(70000), { "127.0.0.1", port })
        assert.equal(("sendto 127.0.0.1:%d: "):format(port), message:match("^.-: "))
        datagram:close()
      end
    end)

    -- Invalid addresses and the error messages.
    local WRONG = {
      { "a number", 1, "address expected, got number" },
      { "a string", "127.0.0.1:80", "address in a table expected, got string" },
      { "a boolean", true, "address expected, got boolean" },
      { "a function", print, "address expected, got function" },
      { "an empty table", {}, "address field 'host': string expected" },
      { "no host", { nil, 80 }, "address field 'host': string expected" },
      { "a number as host", { 127, 80 }, "address field 'host': string expected" },
      { "a table as host", { {}, 80 }, "address field 'host': string expected" },
      { "a boolean as host", { host = false, port = 80 }, "address field 'host': string expected" },
      { "no port", { "127.0.0.1" }, "address field 'port': number expected" },
      { "a boolean as port", { "127.0.0.1", true }, "address field 'port': number expected" },
      { "a word as port", { "127.0.0.1", "http" }, "address field 'port': number expected" },
      { "an empty port", { "127.0.0.1", "" }, "address field 'port': number expected" },
      { "a negative port", { "127.0.0.1", -1 }, "address field 'port' out of range" },
      { "a port too high", { "127.0.0.1", 65536 }, "address field 'port' out of range" },
      { "a port far too high", { "127.0.0.1", 2 ^ 40 }, "address field 'port' out of range" },
      { "a high port in digits", { "127.0.0.1", "65536" }, "address field 'port' out of range" },
      { "a port between numbers", { "127.0.0.1", 80.5 }, "address field 'port' has no integer representation" },
      { "no number as port", { "127.0.0.1", 0 / 0 }, "address field 'port' has no integer representation" },
      { "an infinite port", { "127.0.0.1", math.huge }, "address field 'port' has no integer representation" },
      { "a NUL in the host", { "127.0.0.1\0", 80 }, "host contains a NUL" },
    }
    for _, case in ipairs(WRONG) do
      it("is rejected: " .. case[1], function()
        for _, method in ipairs({ "bind", "connect", "connect_ex" }) do
          expect.misuse(("bad argument #1 to '%s' (%s)"):format(method, case[3]), bound[method], bound, case[2])
        end
        expect.misuse(("bad argument #3 to 'sendto' (%s)"):format(case[3]), bound.sendto, bound, "x", 0, case[2])
        -- A number as second argument is the flags.
        if type(case[2]) ~= "number" then
          expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(case[3]), bound.sendto, bound, "x", case[2])
        end
      end)
    end

    it("is required", function()
      for _, method in ipairs({ "bind", "connect", "connect_ex" }) do
        expect.misuse(("bad argument #1 to '%s' (address expected, got no value)"):format(method), bound[method], bound)
      end
    end)

    it("fails for a host of the other family", function()
      local message = "connect ::1:80: Address family for hostname not supported"
      expect.failure(message, "EAI_ADDRFAMILY", bound:connect({ "::1", 80 }))
    end)
  end)

  it("is returned by recvfrom", function()
    local one, other = network.datagram(), network.datagram()
    assert.equal(5, one:sendto("hello", other:getsockname()))
    local data, from = other:recvfrom(10)
    assert.equal("hello", data)
    assert.is_true(from == one:getsockname())
    network.close(one, other)
  end)
end)
