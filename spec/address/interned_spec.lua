local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"

-- How many senders the flood has, and what it may leave in the Lua heap, in KiB.
local SENDERS, MAY_KEEP = 3000, 256

describe("the table of a returned address", function()
  descriptors.watch(setup, teardown)

  ---@type bsdsocket.Socket, bsdsocket.Socket
  local receiver, sender

  before_each(function()
    receiver, sender = network.datagram(), network.datagram()
  end)

  after_each(function()
    network.close(receiver, sender)
  end)

  -- The sender's address as a method of the receiver returns it, in the place where it does.
  local function received(method, place, ...)
    assert(sender:sendto("x", receiver:getsockname()))
    return assert((select(place, receiver[method](receiver, ...))))
  end

  describe("is the same each time", function()
    for _, case in ipairs {
      { "recvfrom", 2, 10 },
      { "recvfrom_into", 2, socket.buffer(10) },
      { "recvmsg", 4, 10 },
      { "recvmsg_into", 4, { socket.buffer(10) } },
    } do
      it("from " .. case[1], function()
        local name = sender:getsockname()
        assert.is_true(rawequal(name, received(lua.unpack(case))))
        assert.is_true(rawequal(name, received(lua.unpack(case))))
      end)
    end

    it("from accept, getpeername and getsockname", function()
      local listener = network.listener()
      local client = assert(socket.socket())
      assert(client:connect(listener:getsockname()))
      local server, address = assert(listener:accept())
      assert.is_true(rawequal(address, server:getpeername()))
      assert.is_true(rawequal(address, client:getsockname()))
      assert.is_true(rawequal(client:getpeername(), listener:getsockname()))
      network.close(listener, client, server)
    end)

    it("so that it can be the key of what is known about a peer", function()
      local other = network.datagram()
      local counts = {}
      for n = 1, 6 do
        assert((n % 3 == 0 and other or sender):sendto("x", receiver:getsockname()))
        local _, from = assert(receiver:recvfrom(10))
        counts[from] = (counts[from] or 0) + 1
      end
      assert.equal(4, counts[sender:getsockname()])
      assert.equal(2, counts[other:getsockname()])
      other:close()
    end)

    local families = { "AF_INET6", "AF_NETLINK", "AF_VSOCK" }
    for _, name in ipairs(families) do
      local family = socket[name]
      local probe = family and socket.socket(family, socket.SOCK_DGRAM)
      local address = name == "AF_INET6" and network.any(family) or nil
      if probe and (not address or probe:bind(address)) and probe:getsockname() then
        it("in " .. name, function()
          local bound = assert(socket.socket(family, socket.SOCK_DGRAM))
          assert(not address or bound:bind(address))
          assert.equal("table", type(bound:getsockname()))
          assert.is_true(rawequal(bound:getsockname(), bound:getsockname()))
          bound:close()
        end)
      else
        skip(name .. ": there are no such sockets here")
      end
      if probe then
        probe:close()
      end
    end
  end)

  describe("is a new one", function()
    -- Whether the address is given out again after a change; the new one is as it was.
    local function is_given_again(change)
      local address = sender:getsockname()
      local fields = { lua.unpack(address) }
      change(address)
      local again = received("recvfrom", 2, 10)
      assert.same(fields, { lua.unpack(again) })
      assert.equal(fields[2], again.port)
      return rawequal(address, again)
    end

    for _, case in ipairs {
      { "the host", 1, "127.0.0.2" },
      { "the port", 2, 1 },
      { "the port by name", "port", 1 },
      { "the port to a string", 2, "1" },
      { "a field to nil", 1, nil },
      { "an additional item", 3, true },
      { "an item before the first", 0, true },
      { "an additional name", "seen", 1 },
      { "a key that is no name", true, true },
    } do
      it("once a script has changed it: " .. case[1], function()
        assert.is_false(is_given_again(function(address)
          address[case[2]] = case[3]
        end))
      end)
    end

    it("once its port is an equal float, where Lua tells them apart", function()
      local has_integers = math.type ~= nil
      assert.equal(
        not has_integers,
        is_given_again(function(address)
          address[2] = address[2] + 0.0
        end)
      )
    end)

    it("and stays changed, while the next one is the same each time", function()
      local address = sender:getsockname()
      address.port = 1
      local again = sender:getsockname()
      assert.equal(1, address.port)
      assert.is_true(rawequal(again, received("recvfrom", 2, 10)))
    end)

    it("but not once a change is undone", function()
      assert.is_true(is_given_again(function(address)
        address.seen, address[3] = 1, 2
        address.seen, address[3] = nil, nil
      end))
    end)

    it("in what getaddrinfo lists and unpack_address returns", function()
      local name = sender:getsockname()
      local found = assert(socket.getaddrinfo("127.0.0.1", name.port, socket.AF_INET, socket.SOCK_DGRAM))
      assert.is_true(found[1].sockaddr == name)
      assert.is_false(rawequal(found[1].sockaddr, name))
      local unpacked = socket.unpack_address(assert(socket.pack_address(socket.AF_INET, name)))
      assert.is_true(unpacked == name)
      assert.is_false(rawequal(unpacked, name))
    end)

    it("for an audit hook", function()
      local output, complaints = child.run [[
        local socket = require "bsdsocket"
        local a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        assert(a:bind { "127.0.0.1", 0 } and b:bind { "127.0.0.1", 0 })
        local name, seen = b:getsockname(), nil
        socket.addaudithook(function(event, _, address)
          if event == "socket.sendto" then
            seen = address
          end
        end)
        assert(a:sendto("x", name))
        print(seen == name, rawequal(seen, name))
        print(rawequal(seen, b:getsockname()), rawequal(name, b:getsockname()))
      ]]
      assert.same({ "true\tfalse\nfalse\ttrue\n", "" }, { output, complaints })
    end)
  end)

  it("lives only as long as it is used", function()
    local known = setmetatable({}, { __mode = "k" })
    known[sender:getsockname()] = true
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(known))
  end)

  it("takes no memory of its own when the sender is known", function()
    assert(sender:sendto("x", receiver:getsockname()))
    local name = sender:getsockname()
    local allocated = lua.allocated(function()
      receiver:recvfrom(10, socket.MSG_PEEK)
      sender:getsockname()
    end)
    assert.equal(0, allocated)
    assert.is_true(rawequal(name, sender:getsockname()))
  end)

  it("leaves little behind after many senders", function()
    local to = receiver:getsockname()
    local most = 0
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, SENDERS do
      local new = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
      assert(new:sendto("x", to))
      new:close()
      assert(receiver:recvfrom(10))
      most = math.max(most, collectgarbage "count")
    end
    assert.is_true(most - before < before + MAY_KEEP)
    collectgarbage()
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < MAY_KEEP)
  end)
end)
