-- What exists on Windows, and what does not.

local names = require "spec.fixtures.windows-names"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

if not system.windows then
  return skip "constants and functions on Windows: this is another system"
end

describe("on Windows", function()
  it("all documented constants exist", function()
    for _, name in ipairs(names) do
      assert.is_not_nil(socket[name], name)
    end
  end)

  it("values are those of the Windows headers", function()
    assert.same({ 2, 23, 32, 34 }, { socket.AF_INET, socket.AF_INET6, socket.AF_BLUETOOTH, socket.AF_HYPERV })
    assert.same({ 65535, 4, -5 }, { socket.SOL_SOCKET, socket.SO_REUSEADDR, socket.SO_EXCLUSIVEADDRUSE })
    assert.same({ 0x98000001, 0x98000004, 0x98000010 }, {
      socket.SIO_RCVALL,
      socket.SIO_KEEPALIVE_VALS,
      socket.SIO_LOOPBACK_FAST_PATH,
    })
    assert.same({ 0, 1, 2 }, { socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR })
    assert.same({ 11001, 11002 }, { socket.EAI_NONAME, socket.EAI_AGAIN })
  end)

  it("error numbers have the same names as on other systems", function()
    local numbers = {
      EINTR = 4,
      EBADF = 9,
      EACCES = 13,
      EINVAL = 22,
      EMFILE = 24,
      EAGAIN = 10035,
      EINPROGRESS = 10036,
      ENOTSOCK = 10038,
      EADDRINUSE = 10048,
      ECONNRESET = 10054,
      ETIMEDOUT = 10060,
      ECONNREFUSED = 10061,
    }
    for name, number in pairs(numbers) do
      assert.same({ number, name }, { socket.errno[name], socket.errno[number] })
    end
    assert.equal(10035, socket.errno.EWOULDBLOCK)
  end)

  it("functions exist or do not, as documented", function()
    for _, name in ipairs({ "recv_fds", "send_fds", "sethostname" }) do
      assert.is_nil(socket[name], name)
    end
    assert.is_nil(socket.SocketType.sendmsg_afalg)
    assert.equal("function", type(socket.fromshare))
    assert.equal("function", type(socket.SocketType.ioctl))
    assert.equal("function", type(socket.SocketType.share))
  end)
end)
