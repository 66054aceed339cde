-- The SHA-256 hash of a file, which the kernel computes. Linux only. Usage: sha256.lua file

local socket = require "bsdsocket"

local path = assert(arg[1], "usage: sha256.lua file")
local file = assert(io.open(path, "rb"))

-- One socket stands for the algorithm; each that is accepted from it works on a message of its own.
local algorithm = assert(socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0))
assert(algorithm:bind { "hash", "sha256" })
local work = assert(algorithm:accept())

for piece in
  function()
    return file:read(65536)
  end
do
  assert(work:sendall(piece, socket.MSG_MORE))
end
file:close()

-- Nothing more to come: the kernel tells the hash.
local hash = assert(work:recv(32)):gsub(".", function(byte)
  return ("%02x"):format(byte:byte())
end)
print(hash .. "  " .. path)
work:close()
algorithm:close()
