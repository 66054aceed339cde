local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

describe("an AF_UNIX address", function()
  descriptors.watch(setup, teardown)

  ---@type string, bsdsocket.Socket[]
  local path, opened

  local function open(kind)
    local new = assert(socket.socket(socket.AF_UNIX, kind or socket.SOCK_STREAM))
    opened[#opened + 1] = new
    return new
  end

  -- The address of a fresh socket after it was bound.
  local function name_after_bind(given)
    local fresh = open()
    assert(fresh:bind(given))
    return assert(fresh:getsockname())
  end

  -- An abstract name of `length` bytes, including the leading NUL.
  local function abstract(length)
    local name = "\0" .. path
    return name .. ("n"):rep(length - #name)
  end

  before_each(function()
    path, opened = temporary.path(), {}
  end)

  after_each(function()
    for _, each in ipairs(opened) do
      each:close()
    end
    temporary.remove(path)
  end)

  it("is a string, the path", function()
    assert.equal(path, name_after_bind(path))
  end)

  it("may be passed in a table", function()
    assert.equal(path, name_after_bind({ path }))
    temporary.remove(path)
    assert.equal(path, name_after_bind({ path = path }))
  end)

  it("can be passed back", function()
    local name = name_after_bind(path)
    temporary.remove(path)
    assert.equal(path, name_after_bind(name))
  end)

  it("may be an abstract name: a NUL and the exact bytes", function()
    local name = "\0" .. path .. "\0\1\255 "
    assert.equal(name, name_after_bind(name))
  end)

  it("is empty for an unnamed socket", function()
    assert.equal("", open():getsockname())
    local listener = open()
    assert(listener:bind(path))
    assert(listener:listen())
    local client = open()
    assert(client:connect(path))
    local connection, from = assert(listener:accept())
    assert.equal("", from)
    assert.same({ path, "" }, { client:getpeername(), connection:getpeername() })
    assert.same({ "", path }, { client:getsockname(), connection:getsockname() })
    connection:close()
  end)

  it("is chosen by the kernel for the empty name (autobind)", function()
    local name = name_after_bind("")
    assert.equal("\0", name:sub(1, 1))
    assert.equal(6, #name)
    assert.is_truthy(name:find("^%x+$", 2))
  end)

  it("is returned by recvfrom", function()
    local receiver, sender = open(socket.SOCK_DGRAM), open(socket.SOCK_DGRAM)
    local from_path, from_name = temporary.path(), abstract(40)
    assert(receiver:bind(path))
    assert.equal(1, sender:sendto("a", path))
    assert.same({ "a" }, { receiver:recvfrom(5) })
    assert(sender:bind(from_path))
    assert.equal(1, sender:sendto("b", path))
    assert.same({ "b", from_path }, { receiver:recvfrom(5) })
    local named = open(socket.SOCK_DGRAM)
    assert(named:bind(from_name))
    assert.equal(1, named:sendto("c", { path }))
    assert.same({ "c", from_name }, { receiver:recvfrom(5) })
    temporary.remove(from_path)
  end)

  it("is limited to 107 bytes as a path", function()
    local longest = path .. ("p"):rep(107 - #path)
    assert.equal(longest, name_after_bind(longest))
    temporary.remove(longest)
    for _, length in ipairs({ 108, 109, 200, 5000 }) do
      local long = path .. ("p"):rep(length - #path)
      local message = "%s" .. expect.about(long) .. ": AF_UNIX path too long"
      expect.failure(message:format "bind", "ENAMETOOLONG", open():bind(long))
      expect.failure(message:format "connect", "ENAMETOOLONG", open():connect({ long }))
      expect.failure(message:format "sendto", "ENAMETOOLONG", open():sendto("x", long))
    end
  end)

  it("is limited to 108 bytes as an abstract name", function()
    assert.equal(abstract(108), name_after_bind(abstract(108)))
    local message = ("bind @%s: AF_UNIX path too long"):format(abstract(109):sub(2))
    expect.failure(message, "ENAMETOOLONG", open():bind(abstract(109)))
  end)

  it("appears in error messages", function()
    expect.failure(("connect %s: No such file or directory"):format(path), "ENOENT", open():connect(path))
    local name = abstract(40)
    local message = ("connect @%s: Connection refused"):format(name:sub(2))
    expect.failure(message, "ECONNREFUSED", open():connect(name))
  end)

  it("that leads to a file which is no socket says so", function()
    local file = temporary.file "no socket"
    local message = ("connect %s: Connection refused: the file is no socket"):format(file)
    local results = lua.pack(open():connect(file))
    assert.same({ nil, message, "ECONNREFUSED", n = 3 }, results)
    assert.equal(socket.errno.ECONNREFUSED, open():connect_ex(file))
    temporary.remove(file)
    -- One that nobody listens at.
    assert(open():bind(path))
    results = lua.pack(open():connect(path))
    assert.same({ nil, ("connect %s: Connection refused"):format(path), "ECONNREFUSED", n = 3 }, results)
  end)

  it("appears in tostring", function()
    local bound = open()
    assert(bound:bind(path))
    assert.is_truthy(tostring(bound):find("laddr=" .. path, 1, true))
  end)

  -- Invalid addresses and the error messages.
  local WRONG = {
    { "a number", 1, "address expected, got number" },
    { "nil", nil, "address expected, got nil" },
    { "an empty table", {}, "address field 'path': string expected" },
    { "a table in a table", { {} }, "address field 'path': string expected" },
  }
  for _, case in ipairs(WRONG) do
    it("is rejected: " .. case[1], function()
      local unbound = open()
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(case[3]), unbound.bind, unbound, case[2])
    end)
  end

  it("works with stream sockets", function()
    local one, other = assert(socket.socketpair())
    assert(one:sendall("hello"))
    assert.equal("hello", other:recv(10))
    network.close(one, other)
  end)
end)
