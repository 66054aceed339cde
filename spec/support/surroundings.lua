-- Global variables for the examples in the documentation: each undefined name that an example uses is created on
-- access. The program that runs the example requires this module.

local socket = require "bsdsocket"

-- No call waits for ever.
socket.setdefaulttimeout(2 * (tonumber(os.getenv "BSDSOCKET_PATIENCE") or 1))

-- Keeps the peers from being collected.
local kept = {}

local function pair(...)
  local one, other = assert(socket.socketpair(...))
  kept[#kept + 1] = other
  return one, other
end

local MAKERS = { socket = socket, data = "data", header = "head", body = "body", text = ("x"):rep(16) }

-- A connection whose peer has sent two lines and shut down sending.
function MAKERS.connection()
  local one, other = pair()
  assert(other:sendall "Hello, Ada\nHello, Grace\n")
  assert(other:shutdown(socket.SHUT_WR))
  return one
end

MAKERS.s = MAKERS.connection

-- A connection that has received a message with its length before it.
function MAKERS.framed()
  local one, other = pair(socket.AF_UNIX, socket.SOCK_STREAM)
  assert(other:sendall(socket.pack(">I4", 5) .. "hello"))
  return one
end

-- A connection that has received a descriptor.
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

-- The address of a server.
function MAKERS.address()
  kept[#kept + 1] = assert(socket.create_server { "127.0.0.1", 0 })
  return assert(kept[#kept]:getsockname())
end

-- A selector with one registered socket, which is ready.
function MAKERS.selector()
  local selectors = require "bsdsocket.selectors"
  local selector = assert(selectors.DefaultSelector())
  assert(selector:register(pair(), selectors.EVENT_WRITE, print))
  return selector
end

function MAKERS.descriptor()
  return assert(socket.socket()):detach()
end

-- What busted gives to a file.
function MAKERS.it()
  return function(_, body)
    body()
  end
end

-- A function that starts a server for one mail, in a task, and gives its address.
function MAKERS.start_mail_server()
  local tasks = require "bsdsocket.tasks"
  local ANSWERS = { HELO = 250, EHLO = 250, MAIL = 250, RCPT = 250, DATA = 354, QUIT = 221 }
  return function()
    local listener = assert(socket.create_server { "127.0.0.1", 0 })
    tasks.spawn(function()
      local connection = assert(listener:accept())
      local stream = assert(connection:makefile "rw")
      assert(stream:write "220 mx.example ESMTP\r\n")
      local word
      repeat
        assert(stream:flush())
        word = assert(stream:read "l"):match "^%u+"
        assert(stream:write(ANSWERS[word], " ok\r\n"))
        if word == "DATA" then
          assert(stream:flush())
          repeat
          until assert(stream:read "l"):match "^%.\r?$"
          assert(stream:write "250 queued\r\n")
        end
      until word == "QUIT"
      assert(stream:close())
      assert(connection:close())
    end)
    return assert(listener:getsockname())
  end
end

-- Clients of a made-up protocol, by datagrams and by a stream.
function MAKERS.lookup()
  local buggy = require "spec.support.buggy"
  return function(address, name)
    local answers, why = buggy.lookup(address, { name })
    return answers and answers[1], why
  end
end

function MAKERS.fetch()
  local buggy = require "spec.support.buggy"
  return function(address, name)
    local answers, why = buggy.fetch(address, { name })
    return answers and answers[1], why
  end
end

-- A message for an AF_ALG cipher, and its initialisation vector.
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

-- Descriptor 3 is a socket, as if another program had passed it.
local inherited = assert(socket.socket())
if inherited:fileno() == 3 then
  inherited:detach()
else
  inherited:close()
end
