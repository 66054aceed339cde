-- What the peers of a test received and sent, as a capture. The payload of the packets is that of the streams, their
-- headers are invented.

---@type fun(name: string): any
local use = ...

local packets, pcapng, tasks = use "packets", use "pcapng", use "tasks"

local sub = string.sub

-- The most bytes of a stream in one packet.
local SEGMENT = 16384

local capture = {}

-- An IPv4 address for a header; a peer without one gets a port by its number.
local function shown(address, number)
  local host, port = "127.0.0.1", number
  if type(address) == "table" then
    host, port = address.host, address.port
    host = type(host) == "string" and host:find "^%d+%.%d+%.%d+%.%d+$" and host or "127.0.0.1"
  end
  return { host = host, port = type(port) == "number" and port or number }
end

-- The packets of one stream: a side is 1, the peer, or 2, the other one.
---@param ends table<number, table>
local function stream(peer, ends, add)
  ---@type table<number, number>
  local sent = { 0, 0 }
  ---@type table<integer, boolean>
  local ended = {}
  local function segment(time, side, flags, payload)
    local other = 3 - side
    add(time, packets.tcp(ends[side], ends[other], sent[side] % 2 ^ 32, sent[other] % 2 ^ 32, flags, payload or ""))
    sent[side] = sent[side] + #(payload or "") + (flags:find "[SF][YI]N" and 1 or 0)
  end
  local began = peer.began
  local client = peer.connects and 1 or 2
  segment(began, client, "SYN")
  segment(began, 3 - client, "SYN ACK")
  segment(began, client, "ACK")
  for _, entry in ipairs(peer.record) do
    local side = entry.arrow == "→" and 1 or 2
    if entry.bytes then
      for first = 1, #entry.bytes, SEGMENT do
        segment(entry.time, side, "PSH ACK", sub(entry.bytes, first, first + SEGMENT - 1))
        segment(entry.time, 3 - side, "ACK")
      end
    elseif entry.event == "reset" then
      segment(entry.time, side, "RST ACK")
      ended[1], ended[2] = true, true
    elseif entry.event and not ended[side] then
      segment(entry.time, side, "FIN ACK")
      segment(entry.time, 3 - side, "ACK")
      ended[side] = true
    end
  end
end

local function key(from, to)
  return from.host .. ":" .. from.port .. " " .. to.host .. ":" .. to.port
end

-- The packets of datagrams. `pending` counts, by their bytes, those that one end has recorded and the other has not.
local function datagrams(peer, ends, add, pending)
  for _, entry in ipairs(peer.record) do
    if entry.bytes then
      local other = entry.address and shown(entry.address, ends[2].port) or ends[2]
      local from, to, step = ends[1], other, 1
      if entry.arrow == "←" then
        from, to, step = other, ends[1], -1
      end
      local bytes = packets.udp(from, to, sub(entry.bytes, 1, 65507))
      local before = pending[bytes] or 0
      pending[bytes] = before + step
      if before * step >= 0 then
        add(entry.time, bytes)
      end
    end
  end
end

-- The capture of a test. A connection whose both ends are peers is in it once.
function capture.bytes(peers)
  local list, seen, pending = {}, {}, {}
  local epoch = os.time() - tasks.now()
  for number, peer in ipairs(peers) do
    local ends = { shown(peer.own, 2 * number), shown(peer.other, 2 * number + 1) }
    ---@type table?
    local last
    local function add(time, bytes)
      last = { time = epoch + time, bytes = bytes, order = #list + 1 }
      list[#list + 1] = last
    end
    if not seen[key(ends[2], ends[1])] then
      seen[key(ends[1], ends[2])] = true
      local write = peer.channel.datagrams and datagrams or stream
      write(peer, ends, add, pending)
    end
    if peer.failure then
      local packet = last or list[#list] or {}
      packet.comment = peer.failure
    end
  end
  table.sort(list, function(one, other)
    if one.time == other.time then
      return one.order < other.order
    end
    return one.time < other.time
  end)
  return pcapng.write(list)
end

local count = 0

-- Writes the capture of a test that has ended, if there has to be one. Returns a line for the failure.
function capture.finish(test)
  local path = test.capture
  local directory = test.failed and os.getenv "TEST_CAPTURE"
  if not path and directory and directory ~= "" then
    count = count + 1
    path = ("%s/%d-%d.pcapng"):format(directory, os.time(), count)
  end
  if not path then
    return nil
  end
  local file, message = io.open(path, "wb")
  if not file then
    return "  could not write the capture: " .. message
  end
  file:write(capture.bytes(test.peers))
  file:close()
  return "  captured in " .. path
end

return capture
