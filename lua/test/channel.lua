-- Non-blocking calls of peers and proxies on sockets: the library's own, and those with LuaSocket's methods.

---@type fun(name: string): any
local use = ...

local socket, tasks = use "socket", use "tasks"

local sub = string.sub

local CHUNK = 65536
-- `struct linger` { 1, 0 }: close by a reset.
local WINDOWS = package ~= nil and package.config ~= nil and sub(package.config, 1, 1) == "\\"
local LITTLE = socket.htons(1) ~= 1
local LINGER = WINDOWS and "\1\0\0\0" or LITTLE and "\1\0\0\0\0\0\0\0" or "\0\0\0\1\0\0\0\0"

local channel = {}

-- Methods of the library's sockets.
local Own = {}
Own.__index = Own

-- Methods of LuaSocket's and LuaSec's.
local Other = {}
Other.__index = Other

-- A channel over a socket.
function channel.new(s)
  if socket.type(s) then
    s:setblocking(false)
    if s.type == socket.SOCK_STREAM and s.family ~= socket.AF_UNIX then
      s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end
    return setmetatable({ socket = s, datagrams = s.type == socket.SOCK_DGRAM }, Own)
  end
  s:settimeout(0)
  return setmetatable({ socket = s, datagrams = false }, Other)
end

-- Repeats a call that would block until the time is over.
local function try(self, way, deadline, call, ...)
  while true do
    local result, message, code = call(self, ...)
    if result or code ~= "EAGAIN" then
      return result, message, code
    end
    local ok
    ok, message, code = tasks.wait(self.socket, way, math.max(deadline - tasks.now(), 0))
    if not ok then
      return nil, message, code
    end
  end
end

function Own:read()
  return self.socket:recv(CHUNK)
end

function Own:write(bytes, to)
  if to then
    return self.socket:sendto(bytes, to)
  end
  return self.socket:send(bytes)
end

function Own:read_from()
  local bytes, from, code = self.socket:recvfrom(CHUNK)
  if bytes then
    self.from = from
    return bytes
  end
  return nil, from, code
end

-- The failures of LuaSocket and LuaSec.
local CODES = { timeout = "EAGAIN", wantread = "EAGAIN", wantwrite = "EAGAIN", closed = "EOF" }

function Other:read()
  local bytes, reason, partial = self.socket:receive(CHUNK)
  bytes = bytes or partial ~= "" and partial or nil
  if bytes then
    return bytes
  elseif CODES[reason] == "EOF" then
    return ""
  end
  return nil, reason, CODES[reason] or reason
end

function Other:write(bytes)
  local last, reason, partial = self.socket:send(bytes)
  last = last or partial and partial > 0 and partial or nil
  return last, reason, not last and (CODES[reason] or reason) or nil
end

-- Waits for bytes, or a datagram. At the end of a stream the bytes are none.
function Own:receive(deadline)
  return try(self, "r", deadline, self.datagrams and Own.read_from or Own.read)
end

function Other:receive(deadline)
  return try(self, "r", deadline, Other.read)
end

-- Sends all bytes.
function Own:send(bytes, deadline, to)
  if self.datagrams then
    return try(self, "w", deadline, self.write, bytes, to)
  end
  local sent = 0
  repeat
    local count, message, code = try(self, "w", deadline, self.write, sub(bytes, sent + 1, sent + CHUNK))
    if not count then
      return nil, message, code
    end
    sent = sent + count
  until sent >= #bytes
  return true
end

Other.send = Own.send

function Own:shutdown()
  return self.socket:shutdown(socket.SHUT_WR)
end

function Other:shutdown()
  return self.socket:shutdown "send"
end

-- Closes with a reset, where the protocol has one.
function Own:reset()
  local ok, message, code = self.socket:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
  self.socket:close()
  return ok, message, code
end

function Other.reset()
  return nil, "only a socket of bsdsocket can be reset", "EOPNOTSUPP"
end

function Own:close()
  self.socket:close()
end

Other.close = Own.close

-- The addresses of both ends, where there are any.
function Own:addresses()
  return (self.socket:getsockname()), (self.socket:getpeername())
end

function Other.addresses() end

-- Opens a socket that is connected to an address.
function channel.connect(address, family, kind, deadline)
  local s, message, code = socket.socket(family, kind)
  if not s then
    return nil, message, code
  end
  s:settimeout(math.max(deadline - tasks.now(), 0.001))
  local ok
  ok, message, code = s:connect(address)
  if not ok then
    s:close()
    return nil, message, code
  end
  return channel.new(s)
end

-- The family of an address.
function channel.family(address, family)
  if family then
    return family
  elseif type(address) == "string" then
    return socket.AF_UNIX
  end
  local host = address.host or address[1]
  return type(host) == "string" and host:find(":", 1, true) and socket.AF_INET6 or socket.AF_INET
end

return channel
