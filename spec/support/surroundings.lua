-- What an example of the documentation finds around it: each name that it does not define itself is made when it asks.
-- It is required by the program that runs the example.

local socket = require "bsdsocket"

-- Nothing waits for ever.
socket.setdefaulttimeout(10)

-- Keeps the other ends from the collector.
local kept = {}

local function pair(...)
  local one, other = assert(socket.socketpair(...))
  kept[#kept + 1] = other
  return one, other
end

local MAKERS = { socket = socket, data = "data", header = "head", body = "body", text = ("x"):rep(16) }

-- A connection whose peer has sent two lines, and sends no more.
function MAKERS.connection()
  local one, other = pair()
  assert(other:sendall "Hello, Ada\nHello, Grace\n")
  assert(other:shutdown(socket.SHUT_WR))
  return one
end

MAKERS.s = MAKERS.connection

-- A connection over which a descriptor came.
function MAKERS.channel()
  local one, other = pair(socket.AF_UNIX, socket.SOCK_STREAM)
  local given = assert(socket.socket())
  assert(socket.send_fds(other, { "x" }, { given:fileno() }))
  given:close()
  return one
end

function MAKERS.stream()
  local one, other = pair()
  assert(other:sendall "Ada\n36\n")
  return assert(one:makefile())
end

function MAKERS.server()
  return assert(socket.socket())
end

MAKERS.client = MAKERS.server

function MAKERS.datagram()
  return assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
end

-- A server's address.
function MAKERS.address()
  kept[#kept + 1] = assert(socket.create_server { "127.0.0.1", 0 })
  return assert(kept[#kept]:getsockname())
end

-- Something is registered with it, and ready.
function MAKERS.selector()
  local selectors = require "bsdsocket.selectors"
  local selector = assert(selectors.DefaultSelector())
  assert(selector:register(pair(), selectors.EVENT_WRITE, print))
  return selector
end

function MAKERS.descriptor()
  return assert(socket.socket()):detach()
end

-- A message of a cipher of the kernel, and its initialisation vector.
function MAKERS.work()
  local algorithm = assert(socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET))
  assert(algorithm:bind { "skcipher", "cbc(aes)" })
  assert(algorithm:setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, ("k"):rep(16)))
  kept[#kept + 1] = algorithm
  return assert(algorithm:accept())
end

MAKERS.vector = ("v"):rep(16)

setmetatable(_G, {
  __index = function(_, name)
    local maker = MAKERS[name]
    assert(maker, "no example finds '" .. name .. "' around it: spec/support/surroundings.lua makes what there is")
    if type(maker) == "function" then
      maker = maker()
    end
    rawset(_G, name, maker)
    return maker
  end,
})

-- Descriptor 3 is a socket that another program could have left.
local inherited = assert(socket.socket())
if inherited:fileno() == 3 then
  inherited:detach()
else
  inherited:close()
end
