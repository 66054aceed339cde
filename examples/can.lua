-- Receives a frame from a CAN bus and sends it back, then sends one of its own. Linux only. Usage: can.lua [interface]
--
-- `ip link add vcan0 type vcan && ip link set vcan0 up` creates a virtual bus.

local socket = require "bsdsocket"

-- A frame is an identifier of four bytes in native byte order, then the length, three bytes of padding, and eight bytes
-- of data.
local FRAME = "=I4Bxxxc8"

local function build_frame(id, data)
  return socket.pack(FRAME, id, #data, data)
end

local function dissect_frame(frame)
  local id, length, data = socket.unpack(FRAME, frame)
  return id, length, data:sub(1, length)
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
