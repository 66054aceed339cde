-- Receives one message into several buffers: two whole ones, and a view of a part of a third.

local socket = require "bsdsocket"

local one, other = assert(socket.socketpair())
local first = socket.buffer("----")
local second = socket.buffer("0123456789")
local third = socket.buffer("--------------")

assert(one:send("Mary had a little lamb"))
local count = assert(other:recvmsg_into { first, second:view(3, 9), third })
print(count, "bytes received")
print(first)
print(second)
print(third)

one:close()
other:close()
