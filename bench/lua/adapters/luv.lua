-- luv, libuv's event loop: everything is a callback, so a turn starts the next
-- one and each loop is one run of libuv. Timeouts are timers there, not a field
-- of the socket, and there is no receive into a buffer.

local uv = require "luv"

local HOST = "127.0.0.1"

local M = {}

function M.pair()
  local fds = assert(uv.socketpair("stream", nil, { nonblock = true }, { nonblock = true }))
  local a, b = uv.new_pipe(false), uv.new_pipe(false)
  a:open(fds[1])
  b:open(fds[2])
  return a, b
end

function M.pp(data, size)
  local a, b = M.pair()

  -- What the socket does not accept at once is queued.
  local function send()
    local written = a:try_write(data)
    if written ~= size then
      a:write(written and data:sub(written + 1) or data)
    end
  end

  return function(n)
    local turn, received = 0, 0
    b:read_start(function(_, chunk)
      received = received + #chunk
      if received < size then
        return
      end
      received = 0
      turn = turn + 1
      if turn < n then
        send()
      else
        b:read_stop()
      end
    end)
    send()
    uv.run()
  end
end

function M.udp()
  local a, b = uv.new_udp(), uv.new_udp()
  assert(a:bind(HOST, 0))
  assert(b:bind(HOST, 0))
  local port = b:getsockname().port
  local data = ("x"):rep(64)
  return function(n)
    local turn = 0
    b:recv_start(function(_, chunk, _address)
      if not chunk then
        return -- the socket buffer is empty
      end
      turn = turn + 1
      if turn < n then
        a:try_send(data, HOST, port)
      else
        b:recv_stop()
      end
    end)
    a:try_send(data, HOST, port)
    uv.run()
  end
end

function M.opt()
  local a = uv.new_tcp()
  assert(a:bind(HOST, 0)) -- only a bound socket has a descriptor
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + a:recv_buffer_size()
    end
    return sum
  end
end

function M.acc()
  local listener = uv.new_tcp()
  assert(listener:bind(HOST, 0))
  local port = listener:getsockname().port
  local turn, turns, client = 0, 0, nil

  local function connect()
    client = uv.new_tcp()
    client:connect(HOST, port, function() end)
  end

  listener:listen(128, function()
    local server = uv.new_tcp()
    listener:accept(server)
    server:close()
    client:close_reset()
    turn = turn + 1
    if turn < turns then
      connect()
    else
      uv.stop()
    end
  end)

  return function(n)
    turn, turns = 0, n
    connect()
    uv.run()
  end
end

return M
