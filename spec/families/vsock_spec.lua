local child = require "spec.support.child"
local expect = require "spec.support.expect"
local family = require "spec.support.family"
local handles = require "spec.support.handles"
local pack = require "spec.support.pack"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

if not family.has("AF_VSOCK", socket.AF_VSOCK, socket.SOCK_STREAM) then
  return
end

local AF_VSOCK, STREAM = socket.AF_VSOCK, socket.SOCK_STREAM

-- An option of linux/vm_sockets.h that the module does not have.
local SO_VM_SOCKETS_CONNECT_TIMEOUT = 6

-- Ports that no other process uses.
local function port(n)
  return 2 ^ 31 + n * 2 ^ 24 + family.process
end

local function open(kind)
  return family.open(AF_VSOCK, kind or STREAM)
end

local function listener(kind)
  local s = open(kind)
  assert(s:bind({ socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY }))
  assert(s:listen())
  return s
end

-- Whether this machine can connect to itself over vsock; if not, prints what is skipped.
local function has_loopback()
  local taking, client = listener(), open()
  client:settimeout(0.5)
  local done, message = client:connect({ socket.VMADDR_CID_LOCAL, taking:getsockname().port })
  family.close()
  return done or family.missing("VMADDR_CID_LOCAL", message)
end

local loopback = has_loopback()

describe("an AF_VSOCK socket", function()
  after_each(family.close)

  it("reports its family", function()
    local s = open()
    assert.same({ AF_VSOCK, STREAM, 0 }, { s.family, s.type, s.proto })
  end)

  it("has an address", function()
    local s = open()
    assert.same({ socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY }, s:getsockname())
    expect.done(s:bind({ socket.VMADDR_CID_ANY, port(1) }))
    local address = s:getsockname()
    assert.same({ 4294967295, port(1) }, address)
    assert.same({ address[1], address[2] }, { address.cid, address.port })
    assert.equal(("4294967295:%.0f"):format(port(1)), tostring(address))
    s:close()
    s = open()
    expect.done(s:bind(address))
    assert.is_true(address == s:getsockname())
  end)

  it("gets a port from the system", function()
    local s = open()
    expect.done(s:bind({ cid = socket.VMADDR_CID_ANY, port = socket.VMADDR_PORT_ANY }))
    assert.is_true(s:getsockname().port < socket.VMADDR_PORT_ANY)
  end)

  it("has 64-bit options", function()
    local s = open()
    local size, most = socket.SO_VM_SOCKETS_BUFFER_SIZE, socket.SO_VM_SOCKETS_BUFFER_MAX_SIZE
    local huge = 2 ^ 40 + 4096
    expect.done(s:setsockopt(AF_VSOCK, most, huge))
    assert.equal(huge, s:getsockopt(AF_VSOCK, most))
    assert.equal(pack.pack("=I8", huge), s:getsockopt(AF_VSOCK, most, 8))
    expect.done(s:setsockopt(AF_VSOCK, size, 1048576))
    assert.equal(1048576, s:getsockopt(AF_VSOCK, size))
    expect.done(s:setsockopt(AF_VSOCK, size, pack.pack("=I8", 524288)))
    assert.equal(524288, s:getsockopt(AF_VSOCK, size))
    -- Not below the minimum.
    expect.done(s:setsockopt(AF_VSOCK, socket.SO_VM_SOCKETS_BUFFER_MIN_SIZE, 65536))
    expect.done(s:setsockopt(AF_VSOCK, size, 1))
    assert.equal(65536, s:getsockopt(AF_VSOCK, size))
  end)

  it("has options of other sizes", function()
    local s = open()
    assert.equal(STREAM, s:getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
    assert.equal(0, s:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    expect.done(s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
    assert.equal(1, s:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
    local timeout = pack.pack("=i8i8", 3, 500000)
    expect.done(s:setsockopt(AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, timeout))
    assert.equal(timeout, s:getsockopt(AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, 16))
    expect.failure("setsockopt: Invalid argument", "EINVAL", s:setsockopt(AF_VSOCK, 0, "1234"))
    expect.failure("setsockopt: Protocol not available", "ENOPROTOOPT", s:setsockopt(AF_VSOCK, 99, 1))
  end)

  if loopback then
    for name, kind in pairs({ stream = STREAM, ["sequence of packets"] = socket.SOCK_SEQPACKET }) do
      it("connects within this machine, as a " .. name, function()
        local taking = listener(kind)
        local client = open(kind)
        expect.done(client:connect({ socket.VMADDR_CID_LOCAL, taking:getsockname().port }))
        local server, from = family.accept(taking)
        assert.same({ socket.VMADDR_CID_LOCAL, client:getsockname().port }, from)
        assert.is_true(from == server:getpeername())
        assert.is_true(client:getpeername() == server:getsockname())
        local text = ("x"):rep(1000)
        assert(client:sendall(text))
        assert.equal(text, server:recv(2000))
        assert(server:sendall("answer"))
        assert.equal("answer", client:recv(100))
        assert(client:shutdown(socket.SHUT_WR))
        assert.equal("", server:recv(100))
      end)
    end

    it("transfers more than the socket buffers hold", function()
      local taking, client = listener(), open()
      assert(client:connect({ 1, taking:getsockname().port }))
      local server = family.accept(taking)
      local got, sent = 0, 0
      client:setblocking(false)
      local piece = ("x"):rep(65536)
      for _ = 1, 1000 do
        local count = client:send(piece)
        if not count then
          break
        end
        sent = sent + count
      end
      while got < sent do
        got = got + #assert(server:recv(65536))
      end
      assert.equal(sent, got)
    end)
  end

  if loopback then
    it("fails if the connection is refused", function()
      local message = "connect 1:4000000000: Connection reset by peer"
      expect.failure(message, "ECONNRESET", open():connect({ socket.VMADDR_CID_LOCAL, 4000000000 }))
    end)
  end

  it("fails for values that the kernel rejects", function()
    local s, other = open(), open()
    local address = { socket.VMADDR_CID_ANY, port(2) }
    assert(s:bind(address))
    local message = ("bind 4294967295:%.0f: Address already in use"):format(port(2))
    expect.failure(message, "EADDRINUSE", other:bind(address))
    message = "bind 99:1234567: Cannot assign requested address"
    expect.failure(message, "EADDRNOTAVAIL", other:bind({ 99, 1234567 }))
    expect.failure("send: Transport endpoint is not connected", "ENOTCONN", other:send("x"))
    expect.failure("getpeername: Transport endpoint is not connected", "ENOTCONN", other:getpeername())
  end)

  it("rejects invalid addresses", function()
    local s = open()
    for reason, address in pairs({
      ["address in a table expected, got string"] = "1:2",
      ["address field 'cid': number expected"] = {},
      ["address field 'cid' out of range"] = { -1, 1 },
      ["address field 'port': number expected"] = { 1 },
      ["address field 'port' out of range"] = { 1, 2 ^ 32 },
      ["address field 'port' has no integer representation"] = { 1, 1.5 },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
      expect.misuse(("bad argument #1 to 'connect' (%s)"):format(reason), s.connect, s, address)
    end
  end)

  it("has the ioctl request for the local CID", function()
    assert.equal(0x7b9, socket.IOCTL_VM_SOCKETS_GET_LOCAL_CID)
  end)
end)

local number, obstacle = socket.get_local_cid()
if not number then
  family.missing("get_local_cid", obstacle)
else
  describe("get_local_cid", function()
    after_each(family.close)

    -- Runs a program with only these devices in /dev; nil if that is impossible here.
    local function with_devices(devices, program)
      local script = temporary.file(program)
      local command = ("mount -t tmpfs none /dev && %s && %s %s"):format(devices, child.interpreter(), script)
      local output = child.output(("unshare -m sh -c %s 2>/dev/null"):format(child.quote(command)))
      temporary.remove(script)
      return output ~= "" and output or nil
    end

    local PROGRAM = 'print(require("bsdsocket").get_local_cid())'

    it("returns a CID that a socket can be bound to", function()
      local cid = assert(socket.get_local_cid())
      assert.is_true(cid >= 0 and cid <= socket.VMADDR_CID_ANY)
      local s = open()
      expect.done(s:bind({ cid, socket.VMADDR_PORT_ANY }))
      assert.equal(cid, s:getsockname().cid)
    end)

    it("leaks no descriptor", function()
      local before = handles.count()
      for _ = 1, 3 do
        assert(socket.get_local_cid())
      end
      assert.equal(before, handles.count())
    end)

    it("fails without the device, and with a different one", function()
      local output = with_devices("true", PROGRAM)
      if not output then
        return skip("get_local_cid without /dev/vsock: it cannot be hidden here")
      end
      assert.equal("nil\tget_local_cid: No such file or directory\tENOENT\n", output)
      output = with_devices("mknod /dev/vsock c 1 3", PROGRAM)
      assert.equal("nil\tget_local_cid: Inappropriate ioctl for device\tENOTTY\n", output)
    end)
  end)
end

if loopback then
  describe("examples/vsock_echo.lua", function()
    it("exchanges data within one process", function()
      local lines, complaints, status = family.example("vsock_echo")
      assert.same({ "", 0 }, { complaints, status })
      assert.equal(3, #lines)
      assert.is_truthy(lines[1]:find("^listening on\t4294967295:%d+$"), lines[1])
      assert.is_truthy(lines[2]:find("^connected by\t1:%d+$"), lines[2])
      assert.equal("received\tHello, world", lines[3])
    end)

    it("exchanges data between two processes", function()
      local server = child.start(child.interpreter() .. " examples/vsock_echo.lua serve")
      local chosen = server:line():match "^listening on\t4294967295:(%d+)$"
      local lines, complaints, status = family.example("vsock_echo", "1 " .. chosen)
      assert.same({ { "received\tHello, world" }, "", 0 }, { lines, complaints, status })
      local output
      output, complaints, status = server:finish()
      assert.is_truthy(output:find("^connected by\t1:%d+\n$"), output)
      assert.same({ "", 0 }, { complaints, status })
    end)
  end)
end
