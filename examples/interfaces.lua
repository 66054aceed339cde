-- Lists the network interfaces, as reported by the kernel over netlink: index, name, state, MTU, hardware address.
-- Linux only. `string.unpack` would read the numbers, but Lua 5.1 and LuaJIT lack it.

local socket = require "bsdsocket"

local NLMSG_ERROR, NLMSG_DONE, RTM_NEWLINK, RTM_GETLINK = 2, 3, 16, 18
local NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
local IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU = 1, 3, 4
local IFF_UP = 1

-- Numbers of two and four bytes are in native byte order.
local little_endian = socket.htons(1) ~= 1

-- The bytes of a number of the given size.
local function to_bytes(value, size)
  local bytes = ""
  for _ = 1, size do
    local byte = string.char(value % 256)
    bytes = little_endian and bytes .. byte or byte .. bytes
    value = math.floor(value / 256)
  end
  return bytes
end

-- The number of the given size at a position in the bytes.
---@return integer
local function from_bytes(bytes, place, size)
  local value = 0
  for n = 0, size - 1 do
    value = value * 256 + bytes:byte(little_endian and place + size - 1 - n or place + n)
  end
  return value
end

-- The attributes of a message, by number. Each has a length, a number and its data, padded to four bytes.
local function attributes(message, place)
  local found = {}
  while place + 4 <= #message + 1 do
    local length = from_bytes(message, place, 2)
    found[from_bytes(message, place + 2, 2)] = message:sub(place + 4, place + length - 1)
    place = place + math.ceil(length / 4) * 4
  end
  return found
end

-- The attributes of an interface follow a header of 16 bytes.
local function show(message)
  local index, flags = from_bytes(message, 21, 4), from_bytes(message, 25, 4)
  local told = attributes(message, 33)
  local name = told[IFLA_IFNAME]:match("^%Z+")
  local hardware = (told[IFLA_ADDRESS] or ""):gsub(".", function(byte)
    return (":%02x"):format(byte:byte())
  end)
  local state = flags % (2 * IFF_UP) >= IFF_UP and "up" or "down"
  print(("%d\t%s\t%s\t%d\t%s"):format(index, name, state, from_bytes(told[IFLA_MTU], 1, 4), hardware:sub(2)))
end

local netlink = assert(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE))
assert(netlink:settimeout(5))
-- Any port id, and no multicast groups.
assert(netlink:bind { 0, 0 })

-- The request: a header with the total length, the type, flags, a sequence number and a port id; then an empty body.
local header = to_bytes(32, 4) .. to_bytes(RTM_GETLINK, 2) .. to_bytes(NLM_F_REQUEST + NLM_F_DUMP, 2)
assert(netlink:sendto(header .. to_bytes(1, 4) .. to_bytes(0, 4) .. ("\0"):rep(16), { 0, 0 }))

local done = false
while not done do
  local data = assert(netlink:recv(65536))
  local place = 1
  while place < #data do
    local length, kind = from_bytes(data, place, 4), from_bytes(data, place + 4, 2)
    if kind == RTM_NEWLINK then
      show(data:sub(place, place + length - 1))
    end
    assert(kind ~= NLMSG_ERROR, "the kernel refuses to tell")
    done = done or kind == NLMSG_DONE
    place = place + math.ceil(length / 4) * 4
  end
end
netlink:close()
