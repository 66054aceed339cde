-- IPv4 packets with TCP and UDP, as bytes and back.

local packets = {}

local byte, char, floor, sub = string.byte, string.char, math.floor, string.sub

local TCP, UDP = 6, 17
local PROTOCOLS = { [TCP] = "tcp", [UDP] = "udp" }
-- The flags of TCP, from the lowest bit on.
local FLAGS = { "FIN", "SYN", "RST", "PSH", "ACK" }

local function be16(number)
  return char(floor(number / 256) % 256, number % 256)
end

local function be32(number)
  return be16(floor(number / 65536)) .. be16(number % 65536)
end

local function read16(bytes, place)
  local high, low = byte(bytes, place, place + 1)
  return high * 256 + low
end

local function read32(bytes, place)
  return read16(bytes, place) * 65536 + read16(bytes, place + 2)
end

-- The Internet checksum (RFC 1071).
local function checksum(bytes)
  local sum = 0
  for place = 1, #bytes - 1, 2 do
    sum = sum + read16(bytes, place)
  end
  if #bytes % 2 == 1 then
    sum = sum + byte(bytes, #bytes) * 256
  end
  while sum > 65535 do
    sum = sum % 65536 + floor(sum / 65536)
  end
  return 65535 - sum
end

local function address(host)
  return (host:gsub("%d+%.?", function(part)
    return char(floor(tonumber((part:gsub("%.", ""))) or 0))
  end))
end

-- Puts the checksum of a segment at its place.
local function sealed(protocol, from, to, segment, place)
  local pseudo = address(from.host) .. address(to.host) .. be16(protocol) .. be16(#segment)
  local sum = checksum(pseudo .. segment)
  if protocol == UDP and sum == 0 then
    sum = 65535
  end
  return sub(segment, 1, place - 1) .. be16(sum) .. sub(segment, place + 2)
end

local function ip(protocol, from, to, segment)
  local function header(sum)
    return "\69\0"
      .. be16(20 + #segment)
      .. "\0\0\64\0\64"
      .. char(protocol)
      .. be16(sum)
      .. address(from.host)
      .. address(to.host)
  end
  return header(checksum(header(0))) .. segment
end

-- A segment of TCP.
function packets.tcp(from, to, sequence, acknowledged, flags, payload)
  ---@type number
  local bits = 0
  for place, name in ipairs(FLAGS) do
    bits = bits + (flags:find(name, 1, true) and 2 ^ (place - 1) or 0)
  end
  local acks = flags:find("ACK", 1, true) and acknowledged or 0
  local segment = be16(from.port) .. be16(to.port) .. be32(sequence) .. be32(acks)
  segment = segment .. "\80" .. char(floor(bits)) .. "\255\255\0\0\0\0" .. payload
  return ip(TCP, from, to, sealed(TCP, from, to, segment, 17))
end

-- A datagram of UDP.
function packets.udp(from, to, payload)
  local segment = be16(from.port) .. be16(to.port) .. be16(8 + #payload) .. "\0\0" .. payload
  return ip(UDP, from, to, sealed(UDP, from, to, segment, 7))
end

-- The fields of a packet; nothing if it is neither, or truncated.
function packets.parse(bytes)
  local first = byte(bytes, 1)
  if not first or floor(first / 16) ~= 4 or #bytes < 20 then
    return nil
  end
  local start = first % 16 * 4
  local total, protocol = read16(bytes, 3), byte(bytes, 10)
  local least = protocol == TCP and 20 or 8
  if not PROTOCOLS[protocol] or total > #bytes or start < 20 or total < start + least then
    return nil
  end
  local segment = sub(bytes, start + 1, total)
  local packet = {
    protocol = PROTOCOLS[protocol],
    from = { host = table.concat({ byte(bytes, 13, 16) }, "."), port = read16(segment, 1) },
    to = { host = table.concat({ byte(bytes, 17, 20) }, "."), port = read16(segment, 3) },
  }
  if protocol == UDP then
    packet.payload = sub(segment, 9)
    return packet
  end
  local names, bits = {}, byte(segment, 14)
  for place, name in ipairs(FLAGS) do
    if floor(bits / 2 ^ (place - 1)) % 2 == 1 then
      names[#names + 1] = name
    end
  end
  packet.flags = table.concat(names, " ")
  packet.sequence, packet.acknowledged = read32(segment, 5), read32(segment, 9)
  packet.payload = sub(segment, floor(byte(segment, 13) / 16) * 4 + 1)
  return packet
end

return packets
