-- A very simple network sniffer: captures a UDP packet that it sends to itself, with headers. Needs privileges.

local socket = require "bsdsocket"

-- The number in two bytes, in network byte order.
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

-- The raw socket receives every UDP packet; ours is the one to our port. The IP header contains its length in units of
-- four bytes.
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
