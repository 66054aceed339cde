-- The objects of one round: sockets, streams, buffers, files, descriptors, tasks and what they share, created anew for
-- each round.

local random = require "fuzz.random"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local values = require "fuzz.values"

require "fuzz.tables"

local World = {}
World.__index = World

-- What a hostile metamethod raises and yields; no error of the library has this text.
World.HOSTILE = {}

-- The timeout of sockets in seconds, and how many objects of each kind are kept.
local PATIENCE, MOST = 0.001, 12

local PLAIN =
  { "number", "small", "constant", "text", "bytes", "boolean", "nil", "function", "thread", "time", "cdata" }
local OWN = { "socket", "stream", "buffer", "selector", "file", "descriptor", "sockaddr", "task", "queue", "body" }
local TABLES = {
  "hostile",
  "any_sequence",
  "pieces",
  "buffers",
  "descriptors",
  "items",
  "address",
  "options",
  "stream_options",
}

-- An address of each kind: family, fields and protocol.
local ADDRESSES = {
  { socket.AF_INET, { "127.0.0.1", 9 } },
  { socket.AF_INET6, { "::1", 9 } },
  { socket.AF_UNIX, "path" },
  { socket.AF_NETLINK, { 1, 2 } },
  { socket.AF_PACKET, { "lo", 3 } },
  { socket.AF_CAN, { "" } },
  { socket.AF_CAN, { "", 1, 2 }, socket.CAN_ISOTP },
  { socket.AF_CAN, { "", "0xffffffffffffffff", 2, 3 }, socket.CAN_J1939 },
  { socket.AF_BLUETOOTH, { "01:02:03:04:05:06", 1, 2, 1 }, socket.BTPROTO_L2CAP },
  { socket.AF_BLUETOOTH, { "01:02:03:04:05:06", 1 }, socket.BTPROTO_RFCOMM },
  { socket.AF_BLUETOOTH, { 1, 2 }, socket.BTPROTO_HCI },
  { socket.AF_BLUETOOTH, "01:02:03:04:05:06", socket.BTPROTO_SCO },
  { socket.AF_ALG, { "hash", "sha1" } },
  { socket.AF_TIPC, { socket.TIPC_ADDR_NAME, 1, 2, 3 } },
  { socket.AF_QIPCRTR, { 1, 2 } },
  { socket.AF_VSOCK, { 1, 2 } },
  { 77, { 77, "raw bytes" } },
}

-- The raw bytes of an address, valid or corrupted.
function values.sockaddr(world)
  local bytes = world.random:of(world.sockaddrs)
  local choice = world.random:below(4)
  if choice == 0 then
    return bytes:sub(1, world.random:below(#bytes + 1))
  elseif choice == 1 then
    return bytes:sub(1, 2) .. world:value "bytes"
  elseif choice == 2 then
    local place = world.random:below(#bytes) + 1
    return bytes:sub(1, place - 1) .. string.char(world.random:below(256)) .. bytes:sub(place + 1)
  end
  return bytes
end

-- A value of a kind, or of any kind.
function World:value(kind)
  if not kind then
    local group = self.depth > 3 and PLAIN or self.random:of { PLAIN, PLAIN, OWN, TABLES }
    kind = self.random:of(group)
  end
  self.depth = self.depth + 1
  local value = values[kind](self)
  self.depth = self.depth - 1
  return value
end

-- Keeps a value for later calls; replaces another if there are too many.
function World:keep(list, value)
  if value == nil then
    return
  end
  if #list < MOST then
    list[#list + 1] = value
  else
    list[self.random:below(MOST) + 1] = value
  end
end

-- Makes sure that no socket waits for long.
function World:calm()
  socket.setdefaulttimeout(PATIENCE)
  for _, one in ipairs(self.sockets) do
    local timeout = one:gettimeout()
    if not timeout or timeout > PATIENCE then
      one:settimeout(PATIENCE)
    end
  end
end

-- Resumes or closes the coroutine of a task by hand.
local function meddle(world)
  local thread = world.chance:of(world.threads)
  if thread and coroutine.close and world.chance:once_in(3) then
    pcall(coroutine.close, thread)
  elseif thread then
    coroutine.resume(thread, world.HOSTILE)
  end
end

-- Changes an object at an unexpected time.
function World:disturb()
  local choice = self.chance:below(11)
  local one = self.chance:of(self.sockets)
  if choice == 0 then
    collectgarbage()
  elseif choice == 1 and one then
    -- Streams may continue with the timeout it has.
    one:settimeout(PATIENCE)
    one:close()
  elseif choice == 2 and one then
    one:send("disturbance", socket.MSG_DONTWAIT)
  elseif choice == 5 then
    self.chance:of(self.selectors):close()
  elseif choice == 6 and one then
    self.chance:of(self.selectors):unregister(one)
  elseif choice == 7 then
    self:cancel()
  elseif choice == 8 then
    pcall(tasks.step, 0)
  elseif choice == 9 then
    meddle(self)
  elseif choice == 10 then
    tasks.spawn(self.act, self, self.chance:below(12))
  elseif choice == 3 then
    local buffer = self.chance:of(self.buffers)
    buffer:fill(self.chance:below(256))
  else
    local stream = self.chance:of(self.streams)
    if stream then
      stream:close()
    end
  end
end

-- Cancels a task.
function World:cancel()
  local task = self.chance:of(self.tasks)
  if task then
    task:cancel()
  end
end

-- A call of a task.
function World:act(choice)
  local one = self.chance:of(self.sockets)
  if choice == 0 then
    tasks.yield()
  elseif choice == 1 then
    tasks.sleep(PATIENCE)
  elseif choice == 2 and one then
    one:settimeout(PATIENCE)
    one:recv(100)
  elseif choice == 3 and one then
    one:settimeout(PATIENCE)
    one:sendall "from a task"
  elseif choice == 4 and one then
    tasks.wait(one, "r", PATIENCE)
  elseif choice == 5 then
    self:disturb()
  elseif choice == 6 then
    self:keep(self.tasks, tasks.spawn(self.act, self, self.chance:below(5)))
  elseif choice == 7 then
    self.chance:of(self.waited):wait(PATIENCE)
  elseif choice == 8 then
    self.chance:of(self.queues):get(PATIENCE)
  elseif choice == 9 then
    tasks.timeout_after(PATIENCE, tasks.sleep)
  elseif choice == 10 and one then
    one:close()
  elseif choice == 11 then
    error(self.HOSTILE, 0)
  end
end

-- Has all tasks end. Returns how many do not.
function World.finish_tasks()
  for _ = 1, 500 do
    for _, task in ipairs(tasks.all()) do
      task:cancel()
    end
    if tasks.step(PATIENCE) == 0 then
      break
    end
  end
  return #tasks.all()
end

-- Creates garbage whose finalizer closes or changes an object.
function World:litter()
  local function disturb()
    if not self.quiet then
      pcall(self.disturb, self)
    end
  end
  if newproxy then
    getmetatable(newproxy(true)).__gc = disturb
  else
    setmetatable({}, { __gc = disturb })
  end
end

local function pair(world, ...)
  local one, other = socket.socketpair(...)
  world:keep(world.sockets, one)
  world:keep(world.sockets, other)
  return one, other
end

local function opened(world, address, ...)
  local new = socket.socket(...)
  if new and address then
    new:bind(address)
  end
  world:keep(world.sockets, new)
  return new
end

function World:add_sockets()
  pair(self):send("some bytes")
  pair(self, socket.AF_UNIX, socket.SOCK_DGRAM)
  local listener = opened(self, { "127.0.0.1", 0 })
  if listener then
    listener:listen(2)
    local client = opened(self)
    client:connect(listener:getsockname())
    if self.random:once_in(2) then
      self:keep(self.sockets, (listener:accept()))
    end
  end
  -- Sockets of families that the kernel lacks are missing.
  local kinds = {
    { { "127.0.0.1", 0 }, socket.AF_INET, socket.SOCK_DGRAM },
    { { "::1", 0 }, socket.AF_INET6, socket.SOCK_DGRAM },
    { { 0, 0 }, socket.AF_NETLINK, socket.SOCK_RAW },
    { nil, socket.AF_PACKET, socket.SOCK_RAW },
    { nil, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP },
    { { "vcan0" }, socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW },
    { { "vcan0", 1, 2 }, socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP },
    { { "vcan0", 0, 262144, 32 }, socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_J1939 },
    { nil, socket.AF_TIPC, socket.SOCK_RDM },
    { nil, socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI },
    { nil, socket.AF_BLUETOOTH, socket.SOCK_STREAM, socket.BTPROTO_RFCOMM },
    { nil, socket.AF_BLUETOOTH, socket.SOCK_SEQPACKET, socket.BTPROTO_L2CAP },
    { nil, socket.AF_QIPCRTR, socket.SOCK_DGRAM },
    { "path" .. self.random:below(100), socket.AF_UNIX },
    { "\0abstract" .. self.random:below(100), socket.AF_UNIX, socket.SOCK_DGRAM },
  }
  for _ = 1, 3 do
    opened(self, (table.unpack or unpack)(self.random:of(kinds), 1, 4))
  end
  local cipher = opened(self, { "skcipher", "cbc(aes)" }, socket.AF_ALG, socket.SOCK_SEQPACKET)
  if cipher then
    cipher:setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, ("k"):rep(16))
    self:keep(self.sockets, (cipher:accept()))
  end
  local closed = opened(self)
  closed:close()
end

function World:add_streams()
  for _, content in ipairs { "one\ntwo\r\n3.5 0x1p4 nan\n\255\254\n", ("long"):rep(9000), "" } do
    local one, other = pair(self)
    if one then
      one:sendall(content)
      local mode = self.random:of { "r", "rw", "w", "rwb" }
      local options = not mode:find "b" and self:value "stream_options" or {}
      local made, stream = pcall(other.makefile, other, mode, options)
      self:keep(self.streams, made and stream or other:makefile(mode))
      if content == "" then
        one:close()
      end
    end
  end
end

-- Replaces old sockets and streams by new ones.
function World:replenish()
  self.quiet = true
  self:add_sockets()
  if self.random:once_in(2) then
    self:add_streams()
  end
  self.quiet = false
end

function World:add_files()
  local file = io.tmpfile()
  if file then
    file:write(("content"):rep(self.random:below(9000)))
    file:seek("set", 0)
    self:keep(self.files, file)
  end
  self.closed_file = io.tmpfile() or io.stdout
  if self.closed_file ~= io.stdout then
    self.closed_file:close()
    self:keep(self.files, self.closed_file)
  end
end

-- The world of one round of a seed.
function World.new(seed, round)
  local self =
    setmetatable({ random = random.new(seed, round), chance = random.new(seed + 1, round), depth = 0 }, World)
  self.selectors, self.tasks, self.groups, self.threads = {}, {}, {}, {}
  self.waited, self.queues, self.semaphores = { tasks.event() }, { tasks.queue(2) }, { tasks.semaphore(1) }
  self.sockets, self.streams, self.buffers, self.files, self.descriptors, self.sockaddrs = {}, {}, {}, {}, {}, {}
  self.families = {
    socket.AF_INET,
    socket.AF_INET6,
    socket.AF_UNIX,
    socket.AF_NETLINK,
    socket.AF_PACKET,
    socket.AF_CAN,
    socket.AF_TIPC,
    socket.AF_ALG,
    socket.AF_QIPCRTR,
    socket.AF_BLUETOOTH,
    socket.AF_UNSPEC,
    12,
    77,
  }
  socket.setdefaulttimeout(PATIENCE)
  for _, name in ipairs { "DefaultSelector", "PollSelector" } do
    self:keep(self.selectors, selectors[name]())
  end
  for _, size in ipairs { 0, 1, 16, 70000 } do
    self:keep(self.buffers, socket.buffer(size))
  end
  self:keep(self.buffers, self.buffers[3]:view(3, 9))
  self:add_sockets()
  self:add_streams()
  self:add_files()
  for n, address in ipairs(ADDRESSES) do
    self.sockaddrs[n] = assert(socket.pack_address((table.unpack or unpack)(address)))
  end
  return self
end

-- Closes everything that is open.
function World:finish()
  self.quiet = true
  for _, stream in ipairs(self.streams) do
    stream:close()
  end
  for _, one in ipairs(self.sockets) do
    one:close()
  end
  for _, file in ipairs(self.files) do
    if io.type(file) == "file" then
      file:close()
    end
  end
  for _, descriptor in ipairs(self.descriptors) do
    socket.close(descriptor)
  end
end

return World
