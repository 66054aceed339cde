local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local preload = require "spec.support.preload"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

describe("a failure", function()
  it("is nil, a message that begins with the operation, and a code", function()
    local unconnected = assert(socket.socket())
    expect.failure("recv: Transport endpoint is not connected", "ENOTCONN", unconnected:recv(1))
    expect.failure("getpeername: Transport endpoint is not connected", "ENOTCONN", unconnected:getpeername())
    expect.failure("listen: Bad file descriptor", "EBADF", select(2, unconnected:close(), unconnected:listen()))
  end)

  it("includes the address", function()
    local refusing = network.bound()
    local address = refusing:getsockname()
    local client = assert(socket.socket())
    local message = "connect 127.0.0.1:" .. address.port .. ": Connection refused"
    expect.failure(message, "ECONNREFUSED", client:connect(address))
    network.close(refusing, client)
  end)

  it("has the documented text and code after a timeout", function()
    local one, other = assert(socket.socketpair())
    one:settimeout(0.001)
    expect.failure("recv: timed out", "timeout", one:recv(1))
    network.close(one, other)
  end)

  it("has a single code for would-block errors", function()
    local one, other = assert(socket.socketpair())
    one:setblocking(false)
    expect.failure("recv: Resource temporarily unavailable", "EAGAIN", one:recv(1))
    network.close(one, other)
  end)

  it("has the name of the function also after that", function()
    local one, other = assert(socket.socketpair())
    for _ = 1, 2 do
      one:setblocking(false)
      expect.failure("recv: Resource temporarily unavailable", "EAGAIN", one:recv(1))
      expect.misuse("bad argument #1 to 'recv' (number expected, got table)", one.recv, one, {})
      one:settimeout(0.001)
      expect.failure("recv: timed out", "timeout", one:recv(1))
    end
    local recv = one.recv
    one:close()
    expect.failure("recv: Bad file descriptor", "EBADF", recv(one, 1))
    network.close(other)
  end)

  it("works with assert", function()
    local closed = assert(socket.socket())
    closed:close()
    local chunk = lua.load("local listen = ... assert(listen())", "=place")
    expect.misuse("place:1: listen: Bad file descriptor", chunk, function()
      return closed:listen()
    end)
  end)
end)

local library = preload.build(
  [[
  #include <errno.h>
  #include <netdb.h>
  int shutdown(int fd, int how) { (void)fd; (void)how; errno = 5000; return -1; }
  int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **list) {
    (void)host; (void)port; (void)hints; (void)list;
    errno = ENFILE;
    return EAI_SYSTEM;
  }
  ]],
  "unusual system errors"
)

if library then
  describe("an unusual system error", function()
    teardown(function()
      temporary.remove(library)
    end)

    local function run(call)
      local program = [[local socket = require "bsdsocket" local s = socket.socket() print(%s)]]
      return (preload.run(library, program:format(call)))
    end

    it("has its number as its code if it has no name", function()
      assert.equal("nil\tshutdown: Unknown error 5000\tE5000\n", run("s:shutdown(socket.SHUT_RD)"))
      assert.equal("error\tnil\n", run('socket.error_class("E5000")'))
    end)

    it("is reported instead of EAI_SYSTEM", function()
      local words = "Too many open files in system\tENFILE\n"
      assert.equal("nil\tgetaddrinfo name:80: " .. words, run('socket.getaddrinfo("name", 80)'))
      assert.equal("nil\tconnect name:80: " .. words, run('s:connect({ "name", 80 })'))
      assert.equal("nil\tconnect_ex name:80: " .. words, run('s:connect_ex({ "name", 80 })'))
    end)
  end)
end

describe("errno", function()
  it("maps names to numbers", function()
    assert.equal(1, socket.errno.EPERM)
    assert.equal(32, socket.errno.EPIPE)
    assert.equal(11, socket.errno.EAGAIN)
    assert.equal(11, socket.errno.EWOULDBLOCK)
    assert.equal(111, socket.errno.ECONNREFUSED)
    assert.is_nil(socket.errno.ENOSUCHTHING)
  end)

  it("maps numbers to names", function()
    assert.equal("EPERM", socket.errno[1])
    assert.equal("EPIPE", socket.errno[32])
    assert.equal("ECONNREFUSED", socket.errno[111])
    assert.is_nil(socket.errno[0])
  end)

  it("maps a number with several names to the name that codes use", function()
    assert.equal("EAGAIN", socket.errno[socket.errno.EWOULDBLOCK])
    assert.equal("EDEADLK", socket.errno[socket.errno.EDEADLOCK])
    assert.equal("EOPNOTSUPP", socket.errno[socket.errno.ENOTSUP])
  end)

  it("is consistent in both directions", function()
    local names = 0
    for key, value in pairs(socket.errno) do
      if type(key) == "number" then
        assert.equal(key, socket.errno[value])
      else
        assert.equal(value, socket.errno[socket.errno[value]])
        names = names + 1
      end
    end
    assert.is_true(names >= 130, names .. " names")
  end)
end)

describe("the documented exceptions", function()
  it("are strings of the module", function()
    assert.same(
      { "error", "gaierror", "herror", "timeout" },
      { socket.error, socket.gaierror, socket.herror, socket.timeout }
    )
  end)
end)

describe("error_class", function()
  local CLASSES = {
    { "EAGAIN", "error", "BlockingIOError" },
    { "EALREADY", "error", "BlockingIOError" },
    { "EINPROGRESS", "error", "BlockingIOError" },
    { "EPIPE", "error", "BrokenPipeError" },
    { "ESHUTDOWN", "error", "BrokenPipeError" },
    { "ECHILD", "error", "ChildProcessError" },
    { "ECONNABORTED", "error", "ConnectionAbortedError" },
    { "ECONNREFUSED", "error", "ConnectionRefusedError" },
    { "ECONNRESET", "error", "ConnectionResetError" },
    { "EEXIST", "error", "FileExistsError" },
    { "ENOENT", "error", "FileNotFoundError" },
    { "EINTR", "error", "InterruptedError" },
    { "EISDIR", "error", "IsADirectoryError" },
    { "ENOTDIR", "error", "NotADirectoryError" },
    { "EACCES", "error", "PermissionError" },
    { "EPERM", "error", "PermissionError" },
    { "ESRCH", "error", "ProcessLookupError" },
    { "ETIMEDOUT", "error", "TimeoutError" },
    { "timeout", "timeout", "TimeoutError" },
    { "EOF", nil, "EOFError" },
    { "EBADF", "error" },
    { "EADDRINUSE", "error" },
    { "E524", "error" },
    { "EAI_NONAME", "gaierror" },
    { "EAI_AGAIN", "gaierror" },
    { "HOST_NOT_FOUND", "herror" },
    { "TRY_AGAIN", "herror" },
    { "NO_RECOVERY", "herror" },
    { "NO_DATA", "herror" },
    { "nonsense" },
    { "" },
  }

  for _, class in ipairs(CLASSES) do
    it(("knows %q"):format(class[1]), function()
      assert.same({ class[2], class[3], n = 2 }, lua.pack(socket.error_class(class[1])))
    end)
  end

  it("requires a string", function()
    expect.misuse("bad argument #1 to 'error_class' (string expected, got no value)", socket.error_class)
    expect.misuse("bad argument #1 to 'error_class' (string expected, got table)", socket.error_class, {})
  end)
end)

describe("an invalid argument", function()
  it("is reported with the position of the call", function()
    local chunk = assert(lua.load("local s = ...\ns:bind(1)", "=place"))
    local unbound = assert(socket.socket())
    expect.misuse("place:2: bad argument #1 to 'bind' (address expected, got number)", chunk, unbound)
    unbound:close()
  end)

  it("is numbered without the socket itself", function()
    local unbound = assert(socket.socket())
    expect.misuse("bad argument #1 to 'bind' (address expected, got number)", unbound.bind, unbound, 1)
    expect.misuse("bad argument #2 to 'recv' (number expected, got table)", unbound.recv, unbound, 1, {})
    unbound:close()
  end)
end)

describe("a common failure", function()
  local buffer = socket.buffer(16)
  local TIMES = 20

  -- Calls that would block: the method, the socket whose method it is, and its argument.
  local CALLS = {
    { "accept", "listener" },
    { "recv", "reader", 16 },
    { "recv", "reader", 100000 },
    { "recvfrom", "reader", 16 },
    { "recv_into", "reader", buffer },
    { "recvfrom_into", "reader", buffer },
    { "send", "writer", "x" },
    { "sendall", "writer", "x" },
  }

  ---@type table<string, bsdsocket.Socket>
  local sockets

  setup(function()
    local reader, reader_peer = assert(socket.socketpair())
    local writer, writer_peer = assert(socket.socketpair())
    network.fill(writer)
    sockets = {
      listener = network.listener(),
      reader = reader,
      writer = writer,
      reader_peer = reader_peer,
      writer_peer = writer_peer,
    }
  end)

  teardown(function()
    for _, each in pairs(sockets) do
      each:close()
    end
  end)

  local function check(timeout, expected_message, expected_code, name, which, ...)
    local subject, arguments = sockets[which], lua.pack(...)
    local call = subject[name]
    subject:settimeout(timeout)
    local result, message, code
    local taken = lua.allocated(function()
      for _ = 1, TIMES do
        result, message, code = call(subject, arguments[1], arguments[2])
      end
    end)
    expect.failure(name .. ": " .. expected_message, expected_code, result, message, code)
    assert.equal(0, taken, name)
  end

  for _, case in ipairs(CALLS) do
    it("does not allocate: " .. case[1] .. " would block", function()
      check(0, "Resource temporarily unavailable", "EAGAIN", case[1], case[2], case[3])
    end)

    it("does not allocate: " .. case[1] .. " times out", function()
      check(0.001, "timed out", "timeout", case[1], case[2], case[3])
    end)
  end

  it("does not allocate: sendto would block", function()
    local receiver = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    assert(receiver:bind("\0bsdsocket-" .. tostring(sockets)))
    local sender = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    local address = receiver:getsockname()
    sender:setblocking(false)
    repeat
    until not sender:sendto("x", address)
    sockets.sender = sender
    check(0, "Resource temporarily unavailable", "EAGAIN", "sendto", "sender", "x", address)
    check(0.001, "timed out", "timeout", "sendto", "sender", "x", address)
    network.close(sender, receiver)
  end)
end)
