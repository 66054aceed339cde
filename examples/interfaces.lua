-- Lists the network interfaces, as reported by the kernel over netlink: index, name, state, MTU, hardware address.
-- Linux only.

local socket = require "bsdsocket"

local NLMSG_ERROR, NLMSG_DONE, RTM_NEWLINK, RTM_GETLINK = 2, 3, 16, 18
local NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
local IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU = 1, 3, 4
local IFF_UP = 1

-- The header of a message: length, type, flags, sequence number, port id. It is followed, about an interface, by its
-- family, hardware type, index, flags and changed flags.
local HEADER, INTERFACE = "=I4HHI4I4", "=BxHi4I4I4"

-- The attributes of a message, by number. Each has a length, a number and its data, padded to four bytes.
local function attributes(message, place)
  local found = {}
  while place + 4 <= #message + 1 do
    local length, number = socket.unpack("=HH", message, place)
    found[number] = message:sub(place + 4, place + length - 1)
    place = place + math.ceil(length / 4) * 4
  end
  return found
end

local function show(message)
  local _, _, index, flags, _, place = socket.unpack(INTERFACE, message, 17)
  local told = attributes(message, place)
  local name = told[IFLA_IFNAME]:match("^%Z+")
  local hardware = (told[IFLA_ADDRESS] or ""):gsub(".", function(byte)
    return (":%02x"):format(byte:byte())
  end)
  local state = flags % (2 * IFF_UP) >= IFF_UP and "up" or "down"
  print(("%d\t%s\t%s\t%d\t%s"):format(index, name, state, (socket.unpack("=I4", told[IFLA_MTU])), hardware:sub(2)))
end

local netlink = assert(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE))
assert(netlink:settimeout(5))
-- Any port id, and no multicast groups.
assert(netlink:bind { 0, 0 })

-- The request has an empty body.
local header = socket.pack(HEADER, 32, RTM_GETLINK, NLM_F_REQUEST + NLM_F_DUMP, 1, 0)
assert(netlink:sendto(header .. ("\0"):rep(16), { 0, 0 }))

local done = false
while not done do
  local data = assert(netlink:recv(65536))
  local place = 1
  while place < #data do
    local length, kind = socket.unpack(HEADER, data, place)
    if kind == RTM_NEWLINK then
      show(data:sub(place, place + length - 1))
    end
    assert(kind ~= NLMSG_ERROR, "the kernel refuses to tell")
    done = done or kind == NLMSG_DONE
    place = place + math.ceil(length / 4) * 4
  end
end
netlink:close()
