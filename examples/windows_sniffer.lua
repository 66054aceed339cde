-- Receives one packet from the machine's own network interface and prints it. Windows only, as an administrator. Usage:
--
--   windows_sniffer.lua [ADDRESS]

local socket = require "bsdsocket"

-- The address of the interface: the given one, or the one that the machine's host name resolves to.
local host = arg[1] or assert(socket.gethostbyname(socket.gethostname()))

local sniffer = assert(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IP))
sniffer:settimeout(10)
assert(sniffer:bind { host, 0 })

-- Includes the IP headers.
assert(sniffer:setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1))

-- Receives every packet, not only those for this socket.
assert(sniffer:ioctl(socket.SIO_RCVALL, socket.RCVALL_ON))

local packet, address = assert(sniffer:recvfrom(65565))
print(#packet .. " bytes from " .. tostring(address))
print((packet:gsub(".", function(byte)
  return ("%02x "):format(byte:byte())
end)))

assert(sniffer:ioctl(socket.SIO_RCVALL, socket.RCVALL_OFF))
sniffer:close()
