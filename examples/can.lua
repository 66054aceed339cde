-- Receives a frame from a CAN bus and sends it back, then sends one of its own. Linux only. Usage: can.lua [interface]
--
-- `ip link add vcan0 type vcan && ip link set vcan0 up` creates a virtual bus.

local socket = require "bsdsocket"

-- A frame is an identifier of four bytes in native byte order, then the length, three bytes of padding, and eight bytes
-- of data. From Lua 5.3 on `string.pack("=I4Bxxxc8", …)` does the same.
local little_endian = socket.htons(1) ~= 1

local function build_frame(id, data)
  local bytes = ""
  for _ = 1, 4 do
    local byte = string.char(id % 256)
    bytes = little_endian and bytes .. byte or byte .. bytes
    id = math.floor(id / 256)
  end
  return bytes .. string.char(#data) .. "\0\0\0" .. data .. ("\0"):rep(8 - #data)
end

local function dissect_frame(frame)
  local id = 0
  for n = 1, 4 do
    id = id * 256 + frame:byte(little_endian and 5 - n or n)
  end
  local length = frame:byte(5)
  return id, length, frame:sub(9, 8 + length)
end

local interface = arg[1] or "vcan0"
local can = assert(socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW))
assert(can:bind { interface })
print("listening on", interface)
io.stdout:flush()

local frame = assert(can:recvfrom(16))
print("received", ("id=%x, length=%d, data=%s"):format(dissect_frame(frame)))
io.stdout:flush()

assert(can:send(frame))
assert(can:send(build_frame(0x01, "fin")))
can:close()
