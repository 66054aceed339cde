-- A daemon behind a Unix socket that opens what its clients may not open themselves, and passes them the descriptor.
-- The kernel tells who the client is. Here a client may ask for a UDP socket that is bound to a port.
--
--     lua examples/daemon.lua serve PATH &
--     lua examples/daemon.lua bind PATH PORT

local socket = require "bsdsocket"

local verb, path = arg[1], assert(arg[2], "usage: daemon.lua serve PATH | bind PATH PORT")

-- The process, user and group at the other end of a connection (struct ucred).
local function credentials(connection)
  return socket.unpack("iII", assert(connection:getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
end

-- The user of this process.
local function own_user()
  local one, other = assert(socket.socketpair())
  local _, user = credentials(one)
  one:close()
  other:close()
  return user
end

-- Binds a socket, and passes it; or answers why not.
local function answer(connection)
  local request, message = connection:makefile({ limit = 100 }):read "l"
  if not request then
    return nil, message
  end
  local port = tonumber(request:match "^bind (%d+)$")
  if not port or port > 65535 then
    return connection:sendall "not a port\n"
  end
  local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
  local bound, why = s:bind { "127.0.0.1", port }
  if bound then
    socket.send_fds(connection, { "ok\n" }, { s:fileno() })
  else
    connection:sendall(why .. "\n")
  end
  s:close()
end

if verb == "serve" then
  local listener = assert(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
  os.remove(path) -- of a daemon that ended before
  assert(listener:bind(path))
  assert(listener:listen())
  print("listening on", path)
  io.stdout:flush()
  local owner = own_user()
  while true do
    local connection = assert(listener:accept())
    connection:settimeout(5)
    local process, user = credentials(connection)
    print("asked by", process, user)
    io.stdout:flush()
    if user == owner then
      answer(connection)
    else
      connection:sendall "you may not\n"
    end
    connection:close()
  end
end

local connection = assert(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
assert(connection:connect(path))
connection:settimeout(5)
assert(connection:sendall("bind " .. assert(arg[3], "no port") .. "\n"))
local said, descriptors = assert(socket.recv_fds(connection, 200, 1))
connection:close()
if not descriptors[1] then
  io.stderr:write("refused: ", said)
  os.exit(1)
end
-- The descriptor is this process's own from now on.
local s = assert(socket.socket { fileno = descriptors[1] })
print("got", s:getsockname())
s:close()
