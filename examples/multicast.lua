-- Multicast over IPv4 and IPv6 on one interface, by default the loopback: what is sent to a group comes to each socket
-- that has joined it, and to one that asked for a single source only what is from there.
--
--     lua examples/multicast.lua [INTERFACE [ADDRESS]]

local socket = require "bsdsocket"

local NUMBER = assert(socket.if_nametoindex(arg[1] or "lo"))
local ADDRESS = arg[2] or "127.0.0.1" -- an IPv4 address of the interface

-- A socket that receives what is sent to a group, on any port.
local function receiver(family, group)
  local s = assert(socket.socket(family, socket.SOCK_DGRAM))
  assert(s:bind { group, 0 })
  s:settimeout(2)
  return s
end

-- IPv4. struct ip_mreq: the group, and an address of the interface.
local GROUP = "239.1.2.3"
local ipv4 = receiver(socket.AF_INET, GROUP)
local request = socket.inet_aton(GROUP) .. socket.inet_aton(ADDRESS)
assert(ipv4:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request))

local sender = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
assert(sender:setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, (socket.inet_aton(ADDRESS))))
assert(sender:setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)) -- not beyond this network
assert(sender:sendto("hello", ipv4:getsockname()))
print("IPv4", assert(ipv4:recv(100)))

-- One source. struct group_source_req: the number of the interface, aligned to 8 bytes, and two addresses in 128 bytes.
local function source_request(source)
  local group = assert(socket.pack_address(socket.AF_INET, { GROUP, 0 }))
  local address = assert(socket.pack_address(socket.AF_INET, { source, 0 }))
  return socket.pack("!8 I4 XI8 c128 c128", NUMBER, group, address)
end

for _, source in ipairs { ADDRESS, "192.0.2.1" } do
  local s = receiver(socket.AF_INET, GROUP)
  s:settimeout(0.1)
  assert(s:setsockopt(socket.IPPROTO_IP, socket.MCAST_JOIN_SOURCE_GROUP, source_request(source)))
  assert(sender:sendto("hello", s:getsockname()))
  print("from " .. source, s:recv(100))
  s:close()
end
sender:close()
ipv4:close()

-- IPv6. struct ipv6_mreq: the group, and the number of the interface. ff02:: are the groups of one network; an address
-- of such a group has the number of the interface as its fourth field.
local GROUP6 = "ff02::1234"
local ipv6 = assert(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
assert(ipv6:bind { GROUP6, 0, 0, NUMBER })
ipv6:settimeout(2)
request = socket.inet_pton(socket.AF_INET6, GROUP6) .. socket.pack("I", NUMBER)
assert(ipv6:setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request))

-- The fourth field says by which interface to send; IPV6_MULTICAST_IF says it for groups of more than one network.
sender = assert(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
assert(sender:setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1))
-- Linux has no route for groups on its loopback interface, unless somebody has added it.
local sent, message = sender:sendto("hello", ipv6:getsockname())
print("IPv6", sent and assert(ipv6:recv(100)) or message)
sender:close()
ipv6:close()
