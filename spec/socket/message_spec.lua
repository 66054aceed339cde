local alarm = require "spec.support.alarm"
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local native = require "spec.support.native"
local network = require "spec.support.network"
local preload = require "spec.support.preload"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

---@type bsdsocket.Socket, bsdsocket.Socket, integer
local one, other, before

setup(function()
  before = handles.count()
end)

before_each(function()
  one, other = assert(socket.socketpair())
end)

after_each(function()
  network.close(one, other)
end)

-- A list with the same value `count` times.
local function times(count, value)
  local list = {}
  for n = 1, count do
    list[n] = value
  end
  return list
end

-- A control message with descriptors (SCM_RIGHTS).
local function rights(...)
  return { socket.SOL_SOCKET, socket.SCM_RIGHTS, native.ints(...) }
end

-- Closes descriptors.
local function close_all(numbers)
  for _, fd in ipairs(numbers) do
    assert(socket.close(fd))
  end
end

-- The buffer size for `count` descriptors, in bytes.
local function room(count)
  return socket.CMSG_SPACE(4 * count)
end

describe("socket:sendmsg", function()
  it("gathers strings, numbers, buffers and views into one message", function()
    local buffer = socket.buffer("0123456789")
    assert.equal(20, one:sendmsg({ "Mary", "", 42, buffer, buffer:view(4, 6), socket.buffer(0), "." }))
    assert.equal("Mary420123456789345.", other:recv(100))
  end)

  it("sends an empty message for an empty list", function()
    assert.equal(0, one:sendmsg({}))
    assert.equal(0, one:sendmsg({ "", "" }))
    local left, right = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
    right:settimeout(5)
    assert.equal(0, left:sendmsg({}))
    assert.equal(3, left:sendmsg({ "a", "bc" }))
    assert.same({ "", "abc" }, { right:recv(10), (right:recv(10)) })
    network.close(left, right)
  end)

  it("accepts no ancillary data, no flags and no address", function()
    assert.equal(1, one:sendmsg({ "a" }, nil, nil, nil))
    assert.equal(1, one:sendmsg({ "b" }, {}, 0))
    assert.equal("ab", other:recv(10))
  end)

  it("sends to an address, by position and by name", function()
    local left, right = network.datagram(), network.datagram()
    right:settimeout(5)
    local address = right:getsockname()
    assert.equal(5, left:sendmsg({ "by ", "it" }, nil, 0, address))
    assert.equal(7, left:sendmsg({ "by name" }, {}, nil, { host = address.host, port = address.port }))
    assert.equal("by it", right:recv(10))
    assert.equal("by name", right:recv(10))
    network.close(left, right)
  end)

  it("sends to a Unix socket path", function()
    local path = temporary.path()
    local receiver = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    local sender = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    assert(receiver:bind(path))
    receiver:settimeout(5)
    assert.equal(4, sender:sendmsg({ "path" }, nil, 0, path))
    assert.equal("path", receiver:recv(10))
    network.close(receiver, sender)
    temporary.remove(path)
  end)

  it("includes the address in the error", function()
    local datagram = network.datagram()
    local address = { "127.0.0.1", 9 }
    local message = "sendmsg 127.0.0.1:9: Message too long"
    expect.failure(message, "EMSGSIZE", datagram:sendmsg(times(70, ("x"):rep(1000)), nil, 0, address))
    datagram:close()
  end)

  it("fails if the peer is closed", function()
    other:close()
    expect.failure("sendmsg: Broken pipe", "EPIPE", one:sendmsg({ "x" }))
  end)

  it("waits no longer than the timeout", function()
    network.fill(one)
    expect.failure("sendmsg: Resource temporarily unavailable", "EAGAIN", one:sendmsg({ "x" }))
    one:settimeout(0.12)
    local start = network.clock()
    expect.failure("sendmsg: timed out", "timeout", one:sendmsg({ "x" }))
    local taken = network.clock() - start
    assert.is_true(taken >= 0.11 and taken < 1 * network.patience, "it took " .. taken .. " s")
  end)

  it("accepts up to IOV_MAX buffers, and fails for more", function()
    local all = times(1024, "ab")
    assert.equal(2048, one:sendmsg(all))
    assert.equal(("ab"):rep(1024), other:recv(10000))
    local message = "sendmsg: too many buffers"
    expect.failure(message, "EMSGSIZE", one:sendmsg(times(1025, "ab")))
    expect.failure(message, "EMSGSIZE", one:sendmsg(times(5000, "")))
    one:setblocking(false)
    other:setblocking(false)
    expect.failure("recv: Resource temporarily unavailable", "EAGAIN", other:recv(1))
  end)

  it("fails for invalid or too many descriptors", function()
    expect.failure("sendmsg: Bad file descriptor", "EBADF", one:sendmsg({ "x" }, { rights(2 ^ 31 - 1) }))
    local many = native.ints(lua.unpack(times(254, one:fileno())))
    local item = { socket.SOL_SOCKET, socket.SCM_RIGHTS, many }
    expect.failure("sendmsg: Invalid argument", "EINVAL", one:sendmsg({ "x" }, { item }))
  end)

  -- Invalid arguments and the error messages.
  local WRONG = {
    { {}, "#1 to 'sendmsg' (table expected, got no value)" },
    { { "x" }, "#1 to 'sendmsg' (table expected, got string)" },
    { { { {} } }, "#1 to 'sendmsg' (item 1: string expected, got table)" },
    { { { "x", true } }, "#1 to 'sendmsg' (item 2: string expected, got boolean)" },
    { { { "x" }, "y" }, "#2 to 'sendmsg' (table expected, got string)" },
    { { { "x" }, { 1 } }, "#2 to 'sendmsg' (item 1: table expected, got number)" },
    { { { "x" }, { {} } }, "#2 to 'sendmsg' (item 1: level expected, got nil)" },
    { { { "x" }, { { 1, "y" } } }, "#2 to 'sendmsg' (item 1: type expected, got string)" },
    { { { "x" }, { { 1, 2 ^ 31, "" } } }, "#2 to 'sendmsg' (item 1: type expected, got number)" },
    { { { "x" }, { { level = 1, type = 1 } } }, "#2 to 'sendmsg' (item 1: data expected, got nil)" },
    { { { "x" }, { rights(0), { 1, 1, {} } } }, "#2 to 'sendmsg' (item 2: data expected, got table)" },
    { { { "x" }, {}, "y" }, "#3 to 'sendmsg' (number expected, got string)" },
    { { { "x" }, {}, 2 ^ 31 }, "#3 to 'sendmsg' (number out of range)" },
    { { { "x" }, {}, 0, 5 }, "#4 to 'sendmsg' (address expected, got number)" },
    { { { "x" }, {}, 0, {} }, "#4 to 'sendmsg' (address field 'path': string expected)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], one.sendmsg, one, lua.unpack(case[1]))
    end)
  end
end)

describe("socket:recvmsg", function()
  it("returns data, ancillary data, flags and address", function()
    assert(other:sendall("hello world"))
    assert.same({ "hello", {}, 0, n = 4 }, lua.pack(one:recvmsg(5)))
    assert.same({ " world", {}, 0, n = 4 }, lua.pack(one:recvmsg(100, 0, 0)))
  end)

  it("returns an empty string at end of stream", function()
    other:close()
    assert.same({ "", {}, 0, n = 4 }, lua.pack(one:recvmsg(10, 100)))
  end)

  it("returns the address of a datagram", function()
    local left, right = network.datagram(), network.datagram()
    right:settimeout(5)
    assert.equal(5, left:sendto("hello", right:getsockname()))
    local results = lua.pack(right:recvmsg(100))
    assert.same({ "hello", {}, 0, { "127.0.0.1", left:getsockname().port }, n = 4 }, results)
    assert.is_true(results[4] == left:getsockname())
    network.close(left, right)
  end)

  it("sets MSG_TRUNC for a truncated datagram", function()
    local left, right = network.datagram(), network.datagram()
    right:settimeout(5)
    left:sendto("hello", right:getsockname())
    local data, items, flags = right:recvmsg(2)
    assert.same({ "he", {}, socket.MSG_TRUNC }, { data, items, flags })
    left:sendto("hello", right:getsockname())
    data, items, flags = right:recvmsg(0, 0, socket.MSG_PEEK)
    assert.same({ "", {}, socket.MSG_TRUNC }, { data, items, flags })
    data, items, flags = right:recvmsg(2, 0, socket.MSG_TRUNC)
    assert.same({ "he", {}, socket.MSG_TRUNC }, { data, items, flags })
    network.close(left, right)
  end)

  it("leaves a datagram in the queue with MSG_PEEK", function()
    local left, right = network.datagram(), network.datagram()
    right:settimeout(5)
    left:sendto("hello", right:getsockname())
    for _, case in ipairs({
      { 2, socket.MSG_PEEK, "he", socket.MSG_TRUNC },
      { 5, socket.MSG_PEEK, "hello", 0 },
      { 5, 0, "hello", 0 },
    }) do
      local data, items, flags, address = right:recvmsg(case[1], 0, case[2])
      assert.same({ case[3], {}, case[4], left:getsockname() }, { data, items, flags, address })
    end
    right:settimeout(0)
    expect.failure("recvmsg: Resource temporarily unavailable", "EAGAIN", right:recvmsg(5))
    network.close(left, right)
  end)

  it("never returns the flags that were passed", function()
    assert(other:sendall("abc"))
    for _, flags in ipairs({ socket.MSG_PEEK, socket.MSG_DONTWAIT, socket.MSG_WAITALL }) do
      local data, items, told = one:recvmsg(1, room(1), flags)
      assert.same({ 1, {}, 0 }, { #data, items, told })
    end
    assert.equal("c", one:recv(10))
  end)

  it("receives large messages", function()
    local much = ("0123456789"):rep(10000)
    one:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200000)
    assert.equal(100000, one:sendmsg({ much:sub(1, 50000), much:sub(50001) }))
    assert.is_true(much == other:recvmsg(100000, 0, socket.MSG_WAITALL))
    assert(one:sendall("little"))
    assert.equal("little", (other:recvmsg(2 ^ 26)))
  end)

  it("waits no longer than the timeout", function()
    one:setblocking(false)
    expect.failure("recvmsg: Resource temporarily unavailable", "EAGAIN", one:recvmsg(1))
    local buffer = socket.buffer(1)
    expect.failure("recvmsg_into: Resource temporarily unavailable", "EAGAIN", one:recvmsg_into({ buffer }))
    expect.failure("recv_fds: Resource temporarily unavailable", "EAGAIN", socket.recv_fds(one, 1, 1))
    one:settimeout(0.12)
    for _, call in ipairs({
      function()
        return one:recvmsg(1, room(1))
      end,
      function()
        return one:recvmsg_into({ buffer }, room(1))
      end,
      function()
        return socket.recv_fds(one, 1, 1)
      end,
    }) do
      local start = network.clock()
      local result, message, code = call()
      assert.is_truthy(tostring(message):find("^recv[%l_]+: timed out$"), message)
      assert.same({ nil, "timeout" }, { result, code })
      local taken = network.clock() - start
      assert.is_true(taken >= 0.11 and taken < 1 * network.patience, "it took " .. taken .. " s")
    end
  end)

  it("does not wait with MSG_DONTWAIT on a blocking socket", function()
    local output, complaints = child.run(
      [[
        local socket = require "bsdsocket"
        local network = require "spec.support.network"
        local one, other = assert(socket.socketpair())
        print(one:recvmsg(1, 0, socket.MSG_DONTWAIT))
        print(one:recvmsg_into({ socket.buffer(1) }, 0, socket.MSG_DONTWAIT))
        print(socket.recv_fds(one, 1, 1, socket.MSG_DONTWAIT))
        network.fill(one)
        one:setblocking(true)
        print(one:sendmsg({ "x" }, nil, socket.MSG_DONTWAIT))
        print(socket.send_fds(one, { "x" }, { 0 }, socket.MSG_DONTWAIT))
      ]],
      { limit = 3 }
    )
    local message = "nil\t%s: Resource temporarily unavailable\tEAGAIN\n"
    local expected = {}
    for n, name in ipairs({ "recvmsg", "recvmsg_into", "recv_fds", "sendmsg", "send_fds" }) do
      expected[n] = message:format(name)
    end
    assert.same({ table.concat(expected), "" }, { output, complaints })
  end)

  local library = alarm.build()
  if library then
    it("continues after signals", function()
      local listener = network.listener()
      local started = preload.start(
        library,
        ([[
          local socket = require "bsdsocket"
          local s = assert(socket.socket())
          assert(s:connect({ "127.0.0.1", %d }))
          print("connected")
          io.stdout:flush()
          print((s:recvmsg(10, 100)))
          s:settimeout(15)
          print("once")
          io.stdout:flush()
          local buffer = socket.buffer(5)
          print(s:recvmsg_into({ buffer }), buffer)
          s:settimeout(0.2)
          print(s:recvmsg(10))
          print(s:recvmsg_into({ buffer }))
        ]]):format(listener:getsockname().port)
      )
      local connection = assert(listener:accept())
      assert.equal("connected", started:line())
      one:settimeout(0.1)
      one:recv(1)
      assert(connection:sendall("first"))
      assert.equal("first", started:line())
      assert.equal("once", started:line())
      one:recv(1)
      assert(connection:sendall("other"))
      local output, complaints = started:finish()
      assert.equal("5", output:match("^%d+"))
      assert.is_truthy(output:find("other\nnil\trecvmsg: timed out\ttimeout\nnil\trecvmsg_into: timed out\ttimeout\n$"))
      assert.is_true(alarm.count(complaints) > 20, complaints)
      network.close(connection, listener)
    end)

    teardown(function()
      temporary.remove(library)
    end)
  end

  -- Invalid arguments and the error messages.
  local WRONG = {
    { {}, "#1 to 'recvmsg' (number expected, got no value)" },
    { { "x" }, "#1 to 'recvmsg' (number expected, got string)" },
    { { -1 }, "#1 to 'recvmsg' (size out of range)" },
    { { 2 ^ 31 }, "#1 to 'recvmsg' (size out of range)" },
    { { 1, {} }, "#2 to 'recvmsg' (number expected, got table)" },
    { { 1, -1 }, "#2 to 'recvmsg' (size out of range)" },
    { { 1, 2 ^ 31 }, "#2 to 'recvmsg' (size out of range)" },
    { { 1, 0, "x" }, "#3 to 'recvmsg' (number expected, got string)" },
    { { 1, 0, 0.5 }, "#3 to 'recvmsg' (number has no integer representation)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], one.recvmsg, one, lua.unpack(case[1]))
    end)
  end
end)

describe("socket:recvmsg_into", function()
  it("scatters into buffers and views in order", function()
    local first, second, third = socket.buffer("----"), socket.buffer("0123456789"), socket.buffer(("-"):rep(14))
    assert.equal(22, other:send("Mary had a little lamb"))
    assert.same({ 22, {}, 0, n = 4 }, lua.pack(one:recvmsg_into({ first, second:view(3, 9), third })))
    assert.same({ "Mary", "01 had a 9", "little lamb---" }, { tostring(first), tostring(second), tostring(third) })
  end)

  it("leaves the rest of a stream for the next call", function()
    local first, second = socket.buffer(2), socket.buffer(0)
    assert(other:sendall("abcde"))
    assert.equal(2, (one:recvmsg_into({ second, first, second })))
    assert.equal("ab", tostring(first))
    assert.equal(0, (one:recvmsg_into({ second })))
    assert.equal(0, (one:recvmsg_into({})))
    assert.equal("cde", one:recv(10))
  end)

  it("returns 0 at end of stream, and leaves the buffers unchanged", function()
    local buffer = socket.buffer("...")
    other:close()
    assert.same({ 0, {}, 0, n = 4 }, lua.pack(one:recvmsg_into({ buffer })))
    assert.equal("...", tostring(buffer))
  end)

  it("returns the address of a datagram, and sets MSG_TRUNC", function()
    local left, right, buffer = network.datagram(), network.datagram(), socket.buffer("....")
    right:settimeout(5)
    left:sendto("hello", right:getsockname())
    local count, items, flags, address = right:recvmsg_into({ buffer:view(1, 1), buffer:view(4, 4) })
    assert.same({ 2, {}, socket.MSG_TRUNC }, { count, items, flags })
    assert.is_true(address == left:getsockname())
    assert.equal("h..e", tostring(buffer))
    left:sendto("hello", right:getsockname())
    count, items, flags = right:recvmsg_into({ buffer }, 0, socket.MSG_TRUNC)
    assert.same({ 5, {}, socket.MSG_TRUNC, "hell" }, { count, items, flags, tostring(buffer) })
    network.close(left, right)
  end)

  it("receives ancillary data", function()
    assert.equal(2, other:sendmsg({ "hi" }, { rights(other:fileno(), one:fileno()) }))
    local buffer = socket.buffer(2)
    local count, items, flags, address = one:recvmsg_into({ buffer }, room(2))
    assert.same({ 2, 0, "hi" }, { count, flags, tostring(buffer) })
    assert.is_nil(address)
    assert.equal(1, #items)
    local received = native.numbers(items[1].data)
    assert.equal(2, #received)
    close_all(received)
  end)

  it("accepts up to IOV_MAX buffers, and fails for more", function()
    local byte = socket.buffer("..")
    assert(other:sendall(("a"):rep(2048)))
    assert.equal(2048, (one:recvmsg_into(times(1024, byte))))
    local message = "recvmsg_into: too many buffers"
    expect.failure(message, "EMSGSIZE", one:recvmsg_into(times(1025, byte)))
    expect.failure(message, "EMSGSIZE", one:recvmsg_into(times(5000, byte)))
  end)

  -- Invalid arguments and the error messages.
  local buffer = socket.buffer(4)
  local WRONG = {
    { {}, "#1 to 'recvmsg_into' (table expected, got no value)" },
    { { 10 }, "#1 to 'recvmsg_into' (table expected, got number)" },
    { { { "text" } }, "#1 to 'recvmsg_into' (item 1: buffer expected, got string)" },
    { { { buffer, 5 } }, "#1 to 'recvmsg_into' (item 2: buffer expected, got number)" },
    { { { buffer }, "x" }, "#2 to 'recvmsg_into' (number expected, got string)" },
    { { { buffer }, -1 }, "#2 to 'recvmsg_into' (size out of range)" },
    { { { buffer }, 0, {} }, "#3 to 'recvmsg_into' (number expected, got table)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], one.recvmsg_into, one, lua.unpack(case[1]))
    end)
  end

  it("requires a sequence, not a single buffer", function()
    local message = "bad argument #1 to 'recvmsg_into' (table expected, got %s)"
    expect.misuse(message:format(lua.type_name(buffer)), one.recvmsg_into, one, buffer)
  end)
end)

describe("a control message", function()
  -- Sends one descriptor with this control message; returns what is received.
  local function delivered(item)
    assert.equal(1, other:sendmsg({ "x" }, { item }))
    local data, items, flags = one:recvmsg(1, room(1))
    assert.same({ "x", 1, 0 }, { data, #items, flags })
    return items[1]
  end

  it("is passed by position, by name, or both", function()
    local data = native.int(one:fileno())
    for _, item in ipairs({
      rights(one:fileno()),
      { level = socket.SOL_SOCKET, type = socket.SCM_RIGHTS, data = data },
      { socket.SOL_SOCKET, socket.SCM_RIGHTS, data = socket.buffer(data) },
      { socket.SOL_SOCKET, type = socket.SCM_RIGHTS, data = socket.buffer("...." .. data):view(5) },
    }) do
      local received = native.numbers(delivered(item).data)
      assert.equal(1, #received)
      local same = assert(socket.socket({ fileno = received[1] }))
      assert.same({ one.family, one.type }, { same.family, same.type })
      assert(other:sendall("through it"))
      assert.equal("through it", same:recv(20))
      same:close()
    end
  end)

  it("has fields by position and by name", function()
    local item = delivered(rights(0))
    assert.equal(3, #item)
    assert.same({ socket.SOL_SOCKET, socket.SCM_RIGHTS }, { item[1], item[2] })
    assert.same({ item[1], item[2], item[3] }, { item.level, item.type, item.data })
    assert.is_nil(item.nonsense)
    close_all(native.numbers(item.data))
  end)

  it("may be one of hundreds", function()
    local items = {}
    for n = 1, 700 do
      items[n] = { socket.SOL_ALG, 1, n }
    end
    assert.equal(1, other:sendmsg({ "x" }, items))
    assert.equal("x", one:recv(2))
  end)

  it("fails with ENOBUFS if it has 40 MB", function()
    local data = ("x"):rep(40000000)
    expect.failure("sendmsg: No buffer space available", "ENOBUFS", other:sendmsg({ "x" }, { { 0, 0, data } }))
  end)

  it("can be sent as it was received", function()
    local item = delivered(rights(one:fileno()))
    local first = native.numbers(item.data)
    local second = native.numbers(delivered(item).data)
    assert.are_not.same(first, second)
    close_all(first)
    close_all(second)
  end)

  it("is limited in number, also with a small Lua stack", function()
    for count = 10, 1000, 10 do
      local items = times(count, { socket.SOL_SOCKET, -1, "" })
      local send = coroutine.wrap(function()
        return one:sendmsg({ "x" }, items)
      end)
      expect.failure("sendmsg: Invalid argument", "EINVAL", send())
    end
    local many = times(1025, { socket.SOL_SOCKET, -1, "" })
    expect.failure("sendmsg: too many items", "EMSGSIZE", one:sendmsg({ "x" }, many))
  end)

  it("fails with ENOBUFS if it is longer than the system allows", function()
    local much = ("x"):rep(2 ^ 24)
    local message = "sendmsg: No buffer space available"
    for _, items in ipairs({ { rights(1) }, times(3, { socket.SOL_SOCKET, -1, much }) }) do
      items[1][3] = items[1][3] .. much
      expect.failure(message, "ENOBUFS", one:sendmsg({ "x" }, items))
    end
  end)

  it("can be sent with a datagram to an address", function()
    local left, right = network.datagram(), network.datagram()
    right:settimeout(5)
    assert(right:setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1))
    local item = { level = socket.IPPROTO_IP, type = socket.IP_TOS, data = native.int(0x10) }
    assert.equal(2, left:sendmsg({ "h", "i" }, { item }, 0, right:getsockname()))
    local data, items, flags, address = right:recvmsg(10, socket.CMSG_SPACE(1))
    assert.same({ "hi", { { socket.IPPROTO_IP, socket.IP_TOS, "\16" } }, 0 }, { data, items, flags })
    assert.is_true(address == left:getsockname())
    network.close(left, right)
  end)
end)

if socket.SCM_CREDENTIALS and socket.SO_PASSCRED then
  describe("credentials", function()
    local process

    before_each(function()
      process = tonumber(temporary.read("/proc/self/stat"):match("^%d+"))
      assert(one:setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1))
    end)

    it("are received on request", function()
      assert(other:sendall("x"))
      local data, items, flags = one:recvmsg(1, socket.CMSG_SPACE(12))
      assert.same({ "x", 1, 0 }, { data, #items, flags })
      assert.same({ socket.SOL_SOCKET, socket.SCM_CREDENTIALS, 12 }, { items[1].level, items[1].type, #items[1].data })
      assert.equal(process, native.numbers(items[1].data)[1])
    end)

    it("can be sent if they are true", function()
      local user, group = temporary.read("/proc/self/status"):match("\nUid:%s+(%d+).-\nGid:%s+(%d+)")
      local true_ones = native.ints(process, tonumber(user), tonumber(group))
      local item = { socket.SOL_SOCKET, socket.SCM_CREDENTIALS, true_ones }
      assert.equal(1, other:sendmsg({ "x" }, { item }))
      local _, items = one:recvmsg(1, socket.CMSG_SPACE(12))
      assert.same({ item }, items)
    end)

    it("can be received together with descriptors", function()
      assert.equal(1, other:sendmsg({ "x" }, { rights(one:fileno()) }))
      local _, items, flags = one:recvmsg(1, socket.CMSG_SPACE(12) + room(1))
      local found = {}
      for _, item in ipairs(items) do
        found[item.type] = item
      end
      assert.same({ 2, 0 }, { #items, flags })
      assert.equal(process, native.numbers(found[socket.SCM_CREDENTIALS].data)[1])
      close_all(native.numbers(found[socket.SCM_RIGHTS].data))
    end)

    it("are truncated if the buffer is too small, with MSG_CTRUNC", function()
      for size, length in pairs({
        [socket.CMSG_LEN(4)] = 4,
        [socket.CMSG_LEN(9)] = 9,
        [socket.CMSG_LEN(0)] = 0,
        [socket.CMSG_LEN(12)] = 12,
      }) do
        assert(other:sendall("x"))
        local data, items, flags = one:recvmsg(1, size)
        local cut = length < 12 and socket.MSG_CTRUNC or 0
        assert.same({ "x", 1, length, cut }, { data, #items, #items[1].data, flags })
        if length >= 4 then
          assert.equal(process, native.numbers(items[1].data)[1])
        end
      end
    end)

    it("are dropped if the buffer cannot hold a header", function()
      for _, size in ipairs({ 0, 1, socket.CMSG_LEN(0) - 1 }) do
        assert(other:sendall("x"))
        assert.same({ "x", {}, socket.MSG_CTRUNC, n = 4 }, lua.pack(one:recvmsg(1, size)))
      end
    end)
  end)
else
  skip("credentials: this system cannot pass them")
end

describe("descriptors in a message", function()
  it("are not inherited by other programs", function()
    local inherited, open = handles.inherited(), handles.count()
    assert.equal(1, other:sendmsg({ "x" }, { rights(one:fileno()) }))
    local _, items = one:recvmsg(1, room(1))
    assert.equal(1, other:sendmsg({ "x" }, { rights(one:fileno()) }))
    local _, scattered = one:recvmsg_into({ socket.buffer(1) }, room(1))
    assert.equal(1, socket.send_fds(other, { "x" }, { one:fileno() }))
    local _, plain = socket.recv_fds(one, 1, 1)
    assert.equal(open + 3, handles.count())
    assert.equal(inherited, handles.inherited())
    for _, fd in ipairs({ native.numbers(items[1].data)[1], native.numbers(scattered[1].data)[1], plain[1] }) do
      local received = assert(socket.socket({ fileno = fd }))
      assert.is_false(received:get_inheritable())
      received:close()
    end
  end)

  -- Buffer sizes, and how many of three descriptors fit.
  local ROOMS = {
    { "for none", 0, 0 },
    { "for a part of a header", 7, 0 },
    { "for a header", socket.CMSG_LEN(0), 0 },
    { "for one descriptor", socket.CMSG_LEN(4), 1 },
    { "for two descriptors", socket.CMSG_LEN(8), 2 },
  }
  for _, case in ipairs(ROOMS) do
    it("are closed if the buffer is too small: " .. case[1], function()
      local open = handles.count()
      assert.equal(1, other:sendmsg({ "x" }, { rights(one:fileno(), one:fileno(), one:fileno()) }))
      local data, items, flags = one:recvmsg(1, case[2])
      assert.same({ "x", socket.MSG_CTRUNC }, { data, flags })
      assert.equal(open + case[3], handles.count())
      local received = items[1] and native.numbers(items[1].data) or {}
      assert.equal(case[3], #received)
      close_all(received)
      assert.equal(open, handles.count())
    end)
  end

  it("are closed if recvmsg_into has no ancillary buffer", function()
    local open = handles.count()
    assert.equal(1, other:sendmsg({ "x" }, { rights(one:fileno(), one:fileno()) }))
    local count, items, flags = one:recvmsg_into({ socket.buffer(1) })
    assert.same({ 1, {}, socket.MSG_CTRUNC }, { count, items, flags })
    assert.equal(open, handles.count())
  end)

  it("may be in several items", function()
    local open = handles.count()
    for _, size in ipairs({ 10240, socket.CMSG_SPACE(4) + socket.CMSG_LEN(8) }) do
      assert.equal(1, other:sendmsg({ "x" }, { rights(one:fileno()), rights(other:fileno()) }))
      local _, items = one:recvmsg(1, size)
      local received = {}
      for _, item in ipairs(items) do
        for _, number in ipairs(native.numbers(item.data)) do
          received[#received + 1] = number
        end
      end
      assert.equal(2, #received)
      assert.equal(open + 2, handles.count())
      close_all(received)
    end
  end)

  it("are not sent if a part of their number is missing", function()
    local open = handles.count()
    local cut = native.ints(one:fileno()):sub(1, -2)
    for items, most in pairs({
      [{ { socket.SOL_SOCKET, socket.SCM_RIGHTS, cut } }] = 0,
      [{ { socket.SOL_SOCKET, socket.SCM_RIGHTS, cut }, rights(one:fileno()) }] = 1,
    }) do
      local sent, _, code = other:sendmsg({ "x" }, items)
      if sent then
        local data, told = one:recvmsg(1, 10240)
        local received = told[1] and native.numbers(told[1].data) or {}
        assert.equal("x", data)
        assert.is_true(#received <= most)
        close_all(received)
      else
        assert.equal("EINVAL", code)
      end
      assert.equal(open, handles.count())
    end
  end)

  it("are all received if the buffer is large enough", function()
    assert.equal(1, other:sendmsg({ "x" }, { rights(0, 1, 2) }))
    local _, items, flags = one:recvmsg(1, socket.CMSG_LEN(12))
    assert.equal(0, flags)
    local received = native.numbers(items[1].data)
    assert.equal(3, #received)
    close_all(received)
  end)

  -- Receives descriptors while finalizers raise errors. The collector's settings vary, so that it runs at every point
  -- of a call.
  local PROGRAM = [[
    local socket = require "bsdsocket"
    local handles = require "spec.support.handles"
    local lua = require "spec.support.lua"
    local native = require "spec.support.native"
    local one, other = assert(socket.socketpair())
    other:setblocking(false)
    local armed = false
    local function finish()
      if armed then
        error("on purpose", 0)
      end
    end
    local function litter()
      if newproxy then
        getmetatable(newproxy(true)).__gc = finish
      else
        setmetatable({}, { __gc = finish })
      end
    end

    -- Nothing can raise between the end of the call and the next line.
    local first, second
    local calls = {
      function()
        armed = true
        first, second = socket.recv_fds(other, 10000, 3)
        armed = false
        return second
      end,
      function()
        armed = true
        first, second = other:recvmsg(10000, socket.CMSG_SPACE(12))
        armed = false
        return native.numbers(second[1].data)
      end,
    }
    local fd, filling = one:fileno(), ("x"):rep(9000)
    local before = handles.count()
    local lost = 0
    for round = 1, 20000 do
      lua.collector(1, round % 10 == 0 and 100000 or 100 + round % 400)
      assert(socket.send_fds(one, { round .. filling:sub(round % 5000) }, { fd, fd, fd }))
      for _ = 1, 10 do
        litter()
      end
      local fine, result = pcall(calls[round % 2 + 1])
      armed = false
      if fine then
        for _, number in ipairs(result) do
          assert(socket.close(number))
        end
      else
        assert(result:find("on purpose", 1, true), result)
        -- Only counts if the message was received before the error.
        lost = lost + (other:recv(1) and 0 or 1)
      end
      if lost == 1000 then
        break
      end
    end
    print(lost, handles.count() - before)
  ]]

  -- Whether errors in finalizers propagate to the running program.
  local function finalizers_raise()
    local output = child.run([[
      local function raise()
        error("on purpose", 0)
      end
      local function litter()
        if newproxy then
          getmetatable(newproxy(true)).__gc = raise
        else
          setmetatable({}, { __gc = raise })
        end
      end
      litter()
      print(pcall(collectgarbage))
    ]])
    return output:find("^false") ~= nil
  end

  if finalizers_raise() then
    it("are closed if an error is raised while the results are built", function()
      local output, complaints = child.run(PROGRAM)
      local lost, left = output:match("^(%d+)\t(%-?%d+)\n$")
      assert.equal("", complaints)
      assert.is_true(tonumber(lost) > 0, output)
      assert.equal("0", left)
    end)
  else
    skip("errors in finalizers: in this Lua they do not propagate")
  end
end)

describe("send_fds and recv_fds", function()
  it("pass several working descriptors", function()
    local near, far, sent = {}, {}, {}
    for n = 1, 5 do
      near[n], far[n] = assert(socket.socketpair())
      sent[n] = far[n]:fileno()
    end
    assert.equal(5, socket.send_fds(one, { "he", "llo" }, sent))
    network.close(lua.unpack(far))
    local results = lua.pack(socket.recv_fds(other, 100, 5))
    assert.same({ "hello", 0, 4 }, { results[1], results[3], results.n })
    assert.is_nil(results[4])
    assert.equal(5, #results[2])
    for n, fd in ipairs(results[2]) do
      local received = assert(socket.socket({ fileno = fd }))
      assert(received:sendall("number " .. n))
      assert.equal("number " .. n, near[n]:recv(100))
      assert(near[n]:sendall("back"))
      assert.equal("back", received:recv(10))
      received:close()
      assert.equal("", near[n]:recv(1))
    end
    network.close(lua.unpack(near))
  end)

  it("pass a descriptor to another process", function()
    local path = temporary.path()
    local listener = assert(socket.socket(socket.AF_UNIX))
    assert(listener:bind(path))
    assert(listener:listen())
    local started = child.lua(([[
      local socket = require "bsdsocket"
      local s = assert(socket.socket(socket.AF_UNIX))
      assert(s:connect(%q))
      local data, fds = assert(socket.recv_fds(s, 10, 1))
      local received = assert(socket.socket { fileno = fds[1] })
      assert(received:sendall(data .. " in the child"))
    ]]):format(path))
    listener:settimeout(10)
    local connection = assert(listener:accept())
    assert.equal(4, socket.send_fds(connection, { "here" }, { one:fileno() }))
    other:settimeout(10)
    assert.equal("here in the child", other:recv(100))
    local _, complaints, status = started:finish()
    assert.same({ "", 0 }, { complaints, status })
    network.close(connection, listener)
    temporary.remove(path)
  end)

  it("pass descriptors that are not sockets", function()
    local path = temporary.file("what the file holds")
    assert.equal(1, socket.send_fds(one, { "x" }, { 0, 1 }))
    local _, fds = assert(socket.recv_fds(other, 1, 2))
    assert.equal(2, #fds)
    expect.failure("socket: Socket operation on non-socket", "ENOTSOCK", socket.socket({ fileno = fds[1] }))
    close_all(fds)
    temporary.remove(path)
  end)

  it("pass none", function()
    assert.equal(1, socket.send_fds(one, { "x" }, {}))
    local data, fds, flags = socket.recv_fds(other, 10, 3)
    assert.same({ "x", {}, 0 }, { data, fds, flags })
    assert(one:sendall("plain"))
    data, fds, flags = socket.recv_fds(other, 10, 3)
    assert.same({ "plain", {}, 0 }, { data, fds, flags })
  end)

  it("receive no more than asked for, and close the others", function()
    local open = handles.count()
    for most = 0, 3 do
      assert.equal(1, socket.send_fds(one, { "x" }, { one:fileno(), one:fileno(), one:fileno() }))
      local data, fds, flags = socket.recv_fds(other, 1, most)
      assert.same({ "x", most, most < 3 and socket.MSG_CTRUNC or 0 }, { data, #fds, flags })
      assert.equal(open + most, handles.count())
      close_all(fds)
    end
  end)

  it("accept flags and an address", function()
    local path = temporary.path()
    local receiver = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    local sender = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    assert(receiver:bind(path))
    assert(sender:bind("\0" .. path))
    assert.equal(2, socket.send_fds(sender, { "hi" }, { one:fileno() }, 0, path))
    local data, peeked, flags, address = socket.recv_fds(receiver, 10, 1, socket.MSG_PEEK)
    assert.same({ "hi", 1, 0, "\0" .. path }, { data, #peeked, flags, address })
    local again, fds = socket.recv_fds(receiver, 10, 1)
    assert.same({ "hi", 1 }, { again, #fds })
    close_all(peeked)
    close_all(fds)
    network.close(receiver, sender)
    temporary.remove(path)
  end)

  it("fail with the system's errors", function()
    local mine = one:fileno()
    expect.failure("send_fds: Bad file descriptor", "EBADF", socket.send_fds(one, { "x" }, { mine, 2 ^ 31 - 1 }))
    expect.failure("send_fds: Bad file descriptor", "EBADF", socket.send_fds(one, { "x" }, { -1 }))
    expect.failure("send_fds: Invalid argument", "EINVAL", socket.send_fds(one, { "x" }, times(254, mine)))
    expect.failure("send_fds: too many buffers", "EMSGSIZE", socket.send_fds(one, times(1025, "x"), { mine }))
    other:close()
    expect.failure("send_fds: Broken pipe", "EPIPE", socket.send_fds(one, { "x" }, { mine }))
    one:close()
    expect.failure("send_fds: Bad file descriptor", "EBADF", socket.send_fds(one, { "x" }, { 0 }))
    expect.failure("recv_fds: Bad file descriptor", "EBADF", socket.recv_fds(one, 1, 1))
  end)

  -- Invalid arguments and the error messages; `true` stands for a socket.
  local WRONG = {
    { "send_fds", {}, "#1 to 'send_fds' (socket expected, got no value)" },
    { "send_fds", { {}, { "x" }, { 0 } }, "#1 to 'send_fds' (socket expected, got table)" },
    { "send_fds", { true, "x", { 0 } }, "#2 to 'send_fds' (table expected, got string)" },
    { "send_fds", { true, { {} }, { 0 } }, "#2 to 'send_fds' (item 1: string expected, got table)" },
    { "send_fds", { true, { "x" } }, "#3 to 'send_fds' (table expected, got no value)" },
    { "send_fds", { true, { "x" }, { 0, "y" } }, "#3 to 'send_fds' (item 2: descriptor expected, got string)" },
    { "send_fds", { true, { "x" }, { 2 ^ 31 } }, "#3 to 'send_fds' (item 1: descriptor expected, got number)" },
    { "send_fds", { true, { "x" }, { 0 }, "y" }, "#4 to 'send_fds' (number expected, got string)" },
    { "send_fds", { true, { "x" }, { 0 }, 0, 5 }, "#5 to 'send_fds' (address expected, got number)" },
    { "recv_fds", {}, "#1 to 'recv_fds' (socket expected, got no value)" },
    { "recv_fds", { "x", 1, 1 }, "#1 to 'recv_fds' (socket expected, got string)" },
    { "recv_fds", { true, "x", 1 }, "#2 to 'recv_fds' (number expected, got string)" },
    { "recv_fds", { true, -1, 1 }, "#2 to 'recv_fds' (size out of range)" },
    { "recv_fds", { true, 1 }, "#3 to 'recv_fds' (number expected, got no value)" },
    { "recv_fds", { true, 1, -1 }, "#3 to 'recv_fds' (size out of range)" },
    { "recv_fds", { true, 1, 2 ^ 30 }, "#3 to 'recv_fds' (too many descriptors)" },
    { "recv_fds", { true, 1, 1, {} }, "#4 to 'recv_fds' (number expected, got table)" },
  }
  for _, case in ipairs(WRONG) do
    it("reject: " .. case[3], function()
      local arguments = {}
      for n, value in ipairs(case[2]) do
        arguments[n] = value == true and one or value
      end
      expect.misuse("bad argument " .. case[3], socket[case[1]], lua.unpack(arguments))
    end)
  end
end)

describe("CMSG_LEN and CMSG_SPACE", function()
  it("include the header, the data, and the padding", function()
    local header, word = socket.CMSG_LEN(0), socket.CMSG_SPACE(1) - socket.CMSG_SPACE(0)
    assert.is_true(header >= 12 and (word == 4 or word == 8))
    assert.equal(header, socket.CMSG_SPACE(0))
    for _, base in ipairs({ 0, 2 ^ 16, 2 ^ 30 }) do
      for length = base, base + 300 do
        assert.equal(header + length, socket.CMSG_LEN(length))
        assert.equal(header + math.ceil(length / word) * word, socket.CMSG_SPACE(length))
      end
    end
  end)

  it("accept lengths as long as the result fits into an int", function()
    local most = 2 ^ 31 - 1
    assert.equal(most, socket.CMSG_LEN(most - socket.CMSG_LEN(0)))
    local widest = most - socket.CMSG_SPACE(1)
    assert.is_true(socket.CMSG_SPACE(widest) >= widest and socket.CMSG_SPACE(widest) <= most)
    for _, length in ipairs({ most - socket.CMSG_LEN(0) + 1, most, 2 ^ 31, 2 ^ 32, 2 ^ 40, -1 }) do
      local message = "bad argument #1 to '%s' (number out of range)"
      expect.misuse(message:format("CMSG_LEN"), socket.CMSG_LEN, length)
      expect.misuse(message:format("CMSG_SPACE"), socket.CMSG_SPACE, length)
    end
  end)

  it("require an integer", function()
    for _, name in ipairs({ "CMSG_LEN", "CMSG_SPACE" }) do
      local message = "bad argument #1 to '%s' (%s)"
      expect.misuse(message:format(name, "number expected, got no value"), socket[name])
      expect.misuse(message:format(name, "number expected, got string"), socket[name], "x")
      expect.misuse(message:format(name, "number has no integer representation"), socket[name], 1.5)
    end
  end)
end)

describe("sending and receiving messages", function()
  it("leaks no descriptor", function()
    assert.equal(before + 2, handles.count())
  end)
end)
