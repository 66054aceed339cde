-- Asks a DNS server for the IPv4 addresses of a name. The question is sent again when no answer comes, and asked over
-- TCP when the answer did not fit into a datagram.
--
--     lua examples/dns_client.lua NAME [SERVER [PORT]]

local socket = require "bsdsocket"

local name = assert(arg[1], "usage: dns_client.lua NAME [SERVER [PORT]]")
local server = { arg[2] or "127.0.0.1", tonumber(arg[3]) or 53 }
local TIMES = { 0.5, 1, 2 } -- how long to wait, in seconds

-- A name as labels, each after its length.
local function labels()
  local parts = {}
  for label in name:gmatch "[^.]+" do
    assert(#label < 64, "a label is too long")
    parts[#parts + 1] = string.char(#label) .. label
  end
  return table.concat(parts) .. "\0"
end

math.randomseed(os.time())
local id = math.random(0, 65535)
-- One question: the type A in the class IN; the flag asks for recursion.
local question = labels() .. socket.pack(">I2I2", 1, 1)
local query = socket.pack(">I2I2I2I2I2I2", id, 0x0100, 1, 0, 0, 0) .. question

-- Whether a datagram is the answer to this question.
local function fits(data)
  local answered, flags = socket.unpack(">I2I2", data:sub(1, 4) .. ("\0"):rep(4 - #data))
  return answered == id and flags >= 0x8000 and data:sub(13, 12 + #question):lower() == question:lower()
end

local function ask_by_datagram()
  local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
  assert(s:connect(server)) -- what others send is not received
  for _, time in ipairs(TIMES) do
    assert(s:send(query))
    s:settimeout(time)
    local data, message, code = s:recv(65535)
    while data and not fits(data) do
      data, message, code = s:recv(65535)
    end
    if data then
      s:close()
      return data
    end
    -- ECONNREFUSED: the system reports that nobody listens there. The server may be restarting.
    assert(code == "timeout" or code == "ECONNREFUSED", message)
    io.stderr:write(message, "\n")
  end
  s:close()
  error("no answer", 0)
end

local function ask_by_stream()
  local s = assert(socket.create_connection(server, { timeout = 5 }))
  assert(s:sendall(socket.pack(">s2", query)))
  local data = assert(s:recvall((socket.unpack(">I2", assert(s:recvall(2))))))
  s:close()
  assert(fits(data), "not the answer")
  return data
end

-- Where the name at a place ends. A pointer to another place, which begins with two bits, is its end.
local function after_name(data, place)
  local length = data:byte(place)
  while length > 0 and length < 0xc0 do
    place = place + 1 + length
    length = data:byte(place)
  end
  return place + (length == 0 and 1 or 2)
end

-- The 16 bits at a place.
local function number(data, place)
  return data:byte(place) * 256 + data:byte(place + 1)
end

local answer = ask_by_datagram()
local TRUNCATED = 0x0200
if number(answer, 3) % (2 * TRUNCATED) >= TRUNCATED then
  io.stderr:write "asking over TCP\n"
  answer = ask_by_stream()
end
local status = number(answer, 3) % 16
assert(status == 0, status == 3 and "there is no such name" or "the server cannot tell")

-- Each record: a name, its type, class and time to live, and data after their length.
local place = 13 + #question
for _ = 1, number(answer, 7) do
  place = after_name(answer, place)
  local kind, length = number(answer, place), number(answer, place + 8)
  if kind == 1 then
    print((socket.inet_ntoa(answer:sub(place + 10, place + 9 + length))))
  end
  place = place + 10 + length
end
