-- Prints the SHA-256 hash of a file, computed by the kernel. Linux only. Usage: sha256.lua file

local socket = require "bsdsocket"

local path = assert(arg[1], "usage: sha256.lua file")
local file = assert(io.open(path, "rb"))

-- One socket is bound to the algorithm; each socket accepted from it hashes one message.
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

-- Receiving ends the message: the kernel returns the hash.
local hash = assert(work:recv(32)):gsub(".", function(byte)
  return ("%02x"):format(byte:byte())
end)
print(hash .. "  " .. path)
work:close()
algorithm:close()
