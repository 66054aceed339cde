-- Captures in the format pcapng, which Wireshark and tcpdump read.

---@type fun(name: string): any
local use = ...

local failure, packets = use "failure", use "packets"

local byte, char, floor, rep, sub = string.byte, string.char, math.floor, string.rep, string.sub

local SECTION, INTERFACE, PACKET, SIMPLE = 0x0A0D0D0A, 1, 6, 3
local MAGIC = 0x1A2B3C4D
-- The link types that packets are read of, and the bytes before the packet: BSD's loopback, Ethernet, and none.
local RAW, LINKS = 101, { [0] = 4, [1] = 14, [101] = 0 }
local COMMENT, APPLICATION = 1, 4

local pcapng = {}

local function le16(number)
  return char(number % 256, floor(number / 256) % 256)
end

local function le32(number)
  return le16(number % 65536) .. le16(floor(number / 65536))
end

local function padded(bytes)
  return bytes .. rep("\0", -#bytes % 4)
end

local function option(code, value)
  return le16(code) .. le16(#value) .. padded(value)
end

local function block(kind, body)
  local size = le32(#body + 12)
  return le32(kind) .. size .. body .. size
end

-- The bytes of a capture: packets with their times and comments.
function pcapng.write(list)
  local blocks = {
    block(
      SECTION,
      le32(MAGIC) .. le16(1) .. le16(0) .. rep("\255", 8) .. option(APPLICATION, "bsdsocket.test") .. le32(0)
    ),
    block(INTERFACE, le16(RAW) .. le16(0) .. le32(0)),
  }
  for _, packet in ipairs(list) do
    local time = floor(packet.time * 1000000 + 0.5)
    local size = le32(#packet.bytes)
    local options = packet.comment and option(COMMENT, sub(packet.comment, 1, 60000)) .. le32(0) or ""
    local head = le32(0) .. le32(floor(time / 2 ^ 32)) .. le32(time % 2 ^ 32) .. size .. size
    blocks[#blocks + 1] = block(PACKET, head .. padded(packet.bytes) .. options)
  end
  return table.concat(blocks)
end

-- A reader of numbers in the byte order of a section.
local function numbers(bytes, big)
  local function read(place, size)
    local sum = 0
    for n = 0, size - 1 do
      sum = sum * 256 + byte(bytes, big and place + n or place + size - 1 - n)
    end
    return sum
  end
  return read
end

-- The comment among the options from a place on.
local function comment_of(bytes, read, place, last)
  while place + 3 <= last do
    local code, size = read(place, 2), read(place + 2, 2)
    if code == COMMENT then
      return sub(bytes, place + 4, math.min(place + 3 + size, last))
    elseif code == 0 then
      return nil
    end
    place = place + 4 + size + -size % 4
  end
end

local function read_packet(bytes, read, place, last, link)
  local size = read(place + 20, 4)
  local first = place + 28
  if first + size - 1 > last then
    failure.misuse("packets: byte " .. place .. ": a packet longer than its block")
  end
  local data = sub(bytes, first + (LINKS[link] or 0), first + size - 1)
  local packet = LINKS[link] and packets.parse(data) or {}
  packet.bytes = data
  packet.time = (read(place + 12, 4) * 2 ^ 32 + read(place + 16, 4)) / 1000000
  packet.comment = comment_of(bytes, read, first + size + -size % 4, last)
  return packet
end

-- The packets of a capture.
function pcapng.packets(bytes)
  failure.check(bytes, "string", "packets: bytes")
  ---@type table, table, any, integer
  local list, links, read, place = {}, {}, nil, 1
  while place <= #bytes do
    if #bytes - place < 11 then
      failure.misuse("packets: byte " .. place .. ": the capture is cut off")
    end
    if sub(bytes, place, place + 3) == "\10\13\13\10" then
      local big = sub(bytes, place + 8, place + 11) == "\26\43\60\77"
      read, links = numbers(bytes, big), {}
      if not big and read(place + 8, 4) ~= MAGIC then
        failure.misuse("packets: byte " .. place .. ": no byte order of pcapng")
      end
    elseif not read then
      failure.misuse "packets: byte 1: this is no pcapng"
    end
    local kind, size = read(place, 4), read(place + 4, 4)
    local last = place + size - 5
    if size < 12 or size % 4 ~= 0 or place + size - 1 > #bytes then
      failure.misuse("packets: byte " .. place .. ": the capture is cut off")
    elseif kind == INTERFACE and size >= 20 then
      links[#links + 1] = read(place + 8, 2)
    elseif kind == PACKET and size >= 32 then
      list[#list + 1] = read_packet(bytes, read, place, last, links[read(place + 8, 4) + 1])
    elseif kind == SIMPLE or kind == PACKET then
      failure.misuse("packets: byte " .. place .. ": a packet without a time")
    end
    place = place + size
  end
  return list
end

return pcapng
