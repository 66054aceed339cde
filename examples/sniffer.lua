-- A very simple network sniffer: catches a UDP packet that it sends to itself, header and all. That takes privileges.

local socket = require "bsdsocket"

-- The number that two bytes of a packet make.
local function number(packet, place)
  local high, low = packet:byte(place, place + 1)
  return high * 256 + low
end

local sniffer, message, code = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
if code == "EPERM" or code == "EACCES" then
  print("raw sockets are for privileged users only")
  return
end
assert(sniffer, message)
assert(sniffer:bind { "127.0.0.1", 0 })
assert(sniffer:settimeout(5))

local target = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
assert(target:bind { "127.0.0.1", 0 })
local port = assert(target:getsockname()).port
assert(target:sendto("Hello, world", { "127.0.0.1", port }))

-- Every UDP packet comes by; ours is the one for our port. The IP header tells its own length in units of four bytes.
local packet, header
repeat
  packet = assert(sniffer:recv(65535))
  header = packet:byte(1) % 16 * 4
until number(packet, header + 3) == port

print("from", ("%s:%d"):format(socket.inet_ntoa(packet:sub(13, 16)), number(packet, header + 1)))
print("to", ("%s:%d"):format(socket.inet_ntoa(packet:sub(17, 20)), number(packet, header + 3)))
print("data", packet:sub(header + 9))

target:close()
sniffer:close()
