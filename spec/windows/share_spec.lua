-- Sharing sockets with another process (WSADuplicateSocket), which only Windows has.

local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

if not system.windows then
  return skip "share and fromshare: only Windows has them"
end

descriptors.watch(setup, teardown)

describe("socket:share", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local one, other

  before_each(function()
    one, other = assert(socket.socketpair())
  end)

  after_each(function()
    network.close(one, other)
  end)

  it("passes a socket to another process", function()
    if not child.own then
      return skip "share with a child: this interpreter cannot tell process ids"
    end
    local listener = network.listener()
    listener:settimeout(20)
    local started = child.lua(
      [[
        local socket = require "bsdsocket"
        local connection = assert(socket.create_connection({ "127.0.0.1", tonumber(arg[1]) }))
        assert(connection:sendall(arg.pid .. "\n"))
        local data = {}
        for piece in function() local piece = connection:recv(4096) return piece ~= "" and piece or nil end do
          data[#data + 1] = piece
        end
        local shared = assert(socket.fromshare(table.concat(data)))
        print(shared.family == socket.AF_INET, shared.type == socket.SOCK_STREAM, shared:get_inheritable())
        assert(shared:sendall("from the child"))
      ]],
      { arguments = listener:getsockname().port }
    )
    local connection = assert(listener:accept())
    connection:settimeout(20)
    local stream = assert(connection:makefile())
    local process = tonumber(assert(stream:read()))
    assert(connection:sendall(one:share(process)))
    network.close(stream, connection, listener)
    other:settimeout(20)
    assert.equal("from the child", other:recv(100))
    local output, complaints = started:finish()
    assert.same({ "true\ttrue\tfalse\n", "" }, { output, complaints })
  end)

  it("passes a socket to the same process, with its family, type and protocol", function()
    if not child.own then
      return skip "share with itself: this interpreter cannot tell process ids"
    end
    local shared = assert(socket.fromshare(one:share(child.own)))
    assert.same({ one.family, one.type }, { shared.family, shared.type })
    assert.is_true(shared:fileno() ~= one:fileno())
    assert.is_false(shared:get_inheritable())
    assert(other:sendall("hello"))
    assert.equal("hello", shared:recv(10))
    shared:close()
  end)

  it("fails for an unknown process", function()
    local data, _, code = one:share(3)
    assert.is_nil(data)
    assert.equal("EINVAL", code)
  end)

  it("requires a number", function()
    expect.misuse("bad argument #1 to 'share' (number expected, got no value)", one.share, one)
    expect.misuse("bad argument #1 to 'share' (number out of range)", one.share, one, -1)
  end)
end)

describe("fromshare", function()
  it("requires bytes of the right length", function()
    expect.misuse("bad argument #1 to 'fromshare' (628 bytes expected)", socket.fromshare, "short")
    expect.misuse("bad argument #1 to 'fromshare' (string expected, got nil)", socket.fromshare, nil)
  end)

  it("fails for bytes that describe no socket", function()
    local shared, _, code = socket.fromshare(("\0"):rep(628))
    assert.is_nil(shared)
    assert.is_string(code)
  end)

  it("raises an audit event with the new socket", function()
    local audited = require "spec.support.audited"
    if not child.own then
      return skip "share with itself: this interpreter cannot tell process ids"
    end
    local one, other = assert(socket.socketpair())
    local data = assert(one:share(child.own))
    local results = audited.call({
      call = function()
        return audited.socket.fromshare(data)
      end,
    }, {})
    local shared = results[2]
    local fields = ("%d %d %d"):format(shared.family, shared.type, shared.proto)
    assert.same({ ("socket.__new__ closed %s %s"):format(fields, fields) }, audited.events)
    network.close(shared, one, other)
  end)
end)
