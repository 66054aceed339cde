-- Sockets that share an open file description, and so its O_NONBLOCK flag.

local child = require "spec.support.child"
local expect = require "spec.support.expect"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local system = require "spec.support.system"

if system.windows then
  require "spec.support.skip"("open file descriptions that sockets share, which Windows lacks")
  return
end

-- The beginning of each program. They are separate processes, so that a call that never returns can be ended. `share`
-- duplicates a socket, and sets O_NONBLOCK by the duplicate.
local PRELUDE = [[
  local lua = require "spec.support.lua"
  local network = require "spec.support.network"
  local socket = require "bsdsocket"
  local one, other = assert(socket.socketpair())
  local buffer = socket.buffer(10)
  local kept = {}
  local function share(s, timeout, blocking)
    s:settimeout(timeout)
    local copy = assert(s:dup())
    copy:setblocking(blocking)
    kept[#kept + 1] = copy
    return s
  end
  local function full()
    network.fill(one)
    return one
  end
  local function file()
    local made = assert(io.tmpfile())
    made:write(("x"):rep(8000000))
    made:seek("set")
    return made
  end
  local function report(_, message, code)
    print(code, (message:gsub(" [%d.:]+:", ":")))
  end
]]

-- Calls that wait: the operation, the socket, and the call.
local CALLS = {
  { "recv", "one", "recv(1)" },
  { "recvfrom", "one", "recvfrom(1)" },
  { "recv_into", "one", "recv_into(buffer)" },
  { "recvfrom_into", "one", "recvfrom_into(buffer)" },
  { "recvmsg", "one", "recvmsg(1)" },
  { "recvmsg_into", "one", "recvmsg_into({ buffer })" },
  { "accept", "network.listener()", "accept()" },
  { "send", "full()", "send('x')" },
  { "sendall", "full()", "sendall('x')" },
  { "sendmsg", "full()", "sendmsg({ 'x' })" },
  { "sendfile", "full()", "sendfile(file())" },
}

describe("a socket with a timeout whose duplicate clears O_NONBLOCK", function()
  for _, each in ipairs(CALLS) do
    local name, made, call = each[1], each[2], each[3]

    it("keeps its timeout: " .. name, function()
      local program = ("report(share(%s, 0.1, true):%s)"):format(made, call)
      local output, complaints = child.run(PRELUDE .. program, { limit = 5 })
      assert.equal(("timeout\t%s: timed out\n"):format(name), output, complaints)
    end)

    if name ~= "sendfile" then
      it("does not wait with a timeout of 0: " .. name, function()
        local program = ("report(share(%s, 0, true):%s)"):format(made, call)
        local output, complaints = child.run(PRELUDE .. program, { limit = 5 })
        assert.equal(("EAGAIN\t%s: Resource temporarily unavailable\n"):format(name), output, complaints)
      end)
    end
  end

  it("keeps its timeout: connect", function()
    local program = "local listener, filling = network.full_listener() "
      .. "report(share(socket.socket(), 0.1, true):connect(listener:getsockname()))"
    local output, complaints = child.run(PRELUDE .. program, { limit = 5 })
    assert.equal("timeout\tconnect: timed out\n", output, complaints)
  end)
end)

describe("a blocking socket whose duplicate sets O_NONBLOCK", function()
  for _, each in ipairs(CALLS) do
    local name, made, call = each[1], each[2], each[3]

    it("fails with EAGAIN if it would wait: " .. name, function()
      local program = ("report(share(%s, nil, false):%s)"):format(made, call)
      local output, complaints = child.run(PRELUDE .. program, { limit = 5 })
      assert.is_truthy(output:find("^EAGAIN\t" .. name .. ": Resource temporarily"), output .. complaints)
    end)
  end

  it("fails with EINPROGRESS if connect would wait", function()
    local program = "local listener, filling = network.full_listener() "
      .. "report(share(socket.socket(), nil, false):connect(listener:getsockname()))"
    local output, complaints = child.run(PRELUDE .. program, { limit = 5 })
    assert.equal("EINPROGRESS\tconnect: Operation now in progress\n", output, complaints)
  end)

  it("is still blocking after a connect", function()
    local listener = network.listener()
    local client = assert(socket.socket())
    assert(client:connect(listener:getsockname()))
    local copy = assert(client:dup())
    client:settimeout(0.01)
    expect.failure("recv: timed out", "timeout", client:recv(1))
    client:setblocking(true)
    assert.is_nil(copy:gettimeout())
    network.close(client, copy, listener)
  end)
end)
