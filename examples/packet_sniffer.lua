-- Prints the packets on an interface: direction, source, destination, type, number of bytes. Linux only; needs
-- privileges. Usage: packet_sniffer.lua [interface [count]]

local socket = require "bsdsocket"

local interface, count = arg[1] or "lo", tonumber(arg[2] or 10)
local ETH_P_ALL = 3

local WAYS = {
  [socket.PACKET_HOST] = "in",
  [socket.PACKET_BROADCAST] = "broadcast",
  [socket.PACKET_MULTICAST] = "multicast",
  [socket.PACKET_OTHERHOST] = "passing",
  [socket.PACKET_OUTGOING] = "out",
}

-- A MAC address in the usual notation.
local function show(bytes)
  return (bytes
    :gsub(".", function(byte)
      return (":%02x"):format(byte:byte())
    end)
    :sub(2))
end

-- The protocol of the socket is in network byte order, that of an address is not.
local sniffer = assert(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)))
assert(sniffer:bind { interface, ETH_P_ALL })
print("listening on", interface)
io.stdout:flush()

for _ = 1, count do
  local frame, from = assert(sniffer:recvfrom(65536))
  local way = WAYS[from.pkttype] or tostring(from.pkttype)
  -- An Ethernet frame begins with the destination's MAC address, then the source's.
  local ends = ("%s > %s"):format(show(frame:sub(7, 12)), show(frame:sub(1, 6)))
  print(("%s\t%s\t0x%04x\t%d bytes"):format(way, ends, from.proto, #frame))
end
sniffer:close()
