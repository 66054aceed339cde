-- An echo between a virtual machine and its host, or within one machine. Linux only. Usage:
--
--     vsock_echo.lua serve       echoes to one client, on a port that the system chooses
--     vsock_echo.lua cid port    a client: the host is 2 for its guests, this machine 1 for itself
--     vsock_echo.lua             both ends, on this machine

local socket = require "bsdsocket"

local function listen()
  local server = assert(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
  assert(server:bind { socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY })
  assert(server:listen())
  local address = assert(server:getsockname())
  print("listening on", address)
  io.stdout:flush()
  return server, address.port
end

local function ask(cid, port)
  local client = assert(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
  assert(client:connect { cid, port })
  assert(client:sendall "Hello, world")
  return client
end

local function echo(server)
  local connection, address = assert(server:accept())
  print("connected by", address)
  assert(connection:sendall(assert(connection:recv(1024))))
  connection:close()
end

local function receive(client)
  print("received", assert(client:recv(1024)))
  client:close()
end

if arg[1] == "serve" then
  local server = listen()
  echo(server)
  server:close()
elseif arg[1] then
  receive(ask(assert(tonumber(arg[1])), assert(tonumber(arg[2]))))
else
  local server, port = listen()
  local client = ask(socket.VMADDR_CID_LOCAL, port)
  echo(server)
  receive(client)
  server:close()
end
