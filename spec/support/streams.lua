-- Streams for the specs, and peers that send into them.

local network = require "spec.support.network"
local socket = require "bsdsocket"
local test = require "bsdsocket.test"

local streams = {}

-- A stream, the socket connected to it, and the stream's own socket.
function streams.pair(mode, options)
  local own, peer = assert(socket.socketpair())
  return assert(own:makefile(mode, options)), peer, own
end

-- A stream that reads a text and then end of stream.
function streams.holding(text, options)
  local stream, peer, own = streams.pair("r", options)
  assert(peer:sendall(text))
  network.close(peer, own)
  return stream
end

-- Calls `read` repeatedly while a text arrives in pieces of `size` bytes; returns the results of all calls. Nothing
-- waits, so most calls fail midway, and must lose no data.
function streams.in_pieces(text, size, options, read)
  local stream, peer, own = streams.pair("r", options)
  own:setblocking(false)
  local values, failures = {}, 0
  local function take()
    while true do
      local value, _, code = read(stream)
      if value == nil then
        assert(code == nil or code == "EAGAIN", code)
        failures = failures + (code and 1 or 0)
        return
      end
      values[#values + 1] = value
    end
  end
  for first = 1, #text, size do
    assert(peer:sendall(text:sub(first, first + size - 1)))
    take()
  end
  peer:close()
  take()
  network.close(stream, own)
  return values, failures
end

-- Resets a TCP connection.
function streams.reset(connection)
  assert(test.wrap(connection):reset())
end

-- The data that can be received without waiting.
function streams.arrived(peer)
  peer:setblocking(false)
  local pieces = {}
  repeat
    local piece = peer:recv(1000000)
    pieces[#pieces + 1] = piece
  until not piece or piece == ""
  peer:setblocking(true)
  return table.concat(pieces)
end

return streams
