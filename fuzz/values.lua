-- Random values: one function for each kind, which receives the world from which it may take objects.

local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local values = {}

local constants = {}
for name, value in pairs(socket) do
  if type(value) == "number" then
    constants[#constants + 1] = name
  end
end
table.sort(constants)

-- No size in between that a call could really allocate: memory is limited.
local NUMBERS = {
  0,
  -1,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  16,
  100,
  255,
  256,
  1024,
  4096,
  65535,
  65536,
  1e6,
  0.5,
  -0.5,
  1e-9,
  -0.0,
  2 ^ 31 - 1,
  2 ^ 31,
  -2 ^ 31,
  2 ^ 32 - 1,
  2 ^ 32,
  2 ^ 53,
  2 ^ 53 + 2,
  2 ^ 63,
  -2 ^ 63,
  2 ^ 64,
  1e308,
  -1e308,
  1 / 0,
  -1 / 0,
  0 / 0,
  math.maxinteger or 1,
  math.mininteger or 1,
}
local TEXTS = {
  "",
  "\0",
  "a",
  "127.0.0.1",
  "::1",
  "localhost",
  "0",
  "80",
  "0x10",
  " 7 ",
  "-1",
  "1e3",
  "nan",
  "http",
  "tcp",
  "lo",
  "r",
  "w",
  "rw",
  "rwb",
  "l",
  "L",
  "n",
  "a",
  "*l",
  "no",
  "full",
  "line",
  "strict",
  "replace",
  "ignore",
  "utf-8",
  "latin-1",
  "shift_jis",
  "utf-16",
  "gb18030",
  "\r\n",
  "\n",
  "\r",
  "path",
  "path\0path",
  "\0abstract",
  "no.such.host.invalid",
  "<broadcast>",
  "fe80::1%lo",
  "::1%",
  "1.2.3",
  "01:02:03:04:05:06",
  "EINTR",
  "EAI_NONAME",
  "timeout",
  "\255\254\0\128",
  "hash",
  "sha256",
  "fill",
  "fileno",
  ("x"):rep(107),
  ("x"):rep(108),
  ("x"):rep(109),
  ("x"):rep(300),
  ("\0"):rep(128),
  ("line\n"):rep(1000),
  ("y"):rep(200000),
}

function values.number(world)
  return world.random:of(NUMBERS)
end

function values.small(world)
  return world.random:below(20)
end

function values.constant(world)
  return socket[world.random:of(constants)]
end

function values.text(world)
  return world.random:of(TEXTS)
end

-- Random bytes.
function values.bytes(world)
  local bytes = {}
  for n = 1, world.random:below(world.random:of { 8, 32, 140 }) do
    bytes[n] = string.char(world.random:below(256))
  end
  return table.concat(bytes)
end

-- A C number (LuaJIT's FFI), if this Lua has them.
function values.cdata()
  return jit and require("ffi").new("int64_t", 5)
end

function values.boolean(world)
  return world.random:once_in(2)
end

values["nil"] = function() end

values["function"] = function(world)
  return world.random:of { tostring, function() end, socket.type, coroutine.wrap(function() end) }
end

function values.thread(world)
  if world.random:once_in(2) and #world.threads > 0 then
    return world.random:of(world.threads)
  end
  local thread = coroutine.create(function() end)
  if world.random:once_in(2) then
    coroutine.resume(thread)
  end
  return thread
end

function values.time(world)
  return world.random:of { 0, 0.001, 1e-9, 1, 1e300 }
end

function values.socket(world)
  return world.random:of(world.sockets)
end

function values.stream(world)
  return world.random:of(world.streams)
end

function values.selector(world)
  return world.random:of(world.selectors)
end

for kind, list in pairs {
  task = "tasks",
  group = "groups",
  event = "waited",
  queue = "queues",
  semaphore = "semaphores",
} do
  values[kind] = function(world)
    return world.random:of(world[list])
  end
end

-- What a task does: a few calls, each of which ends.
function values.body(world)
  local count, seed = world.random:below(4), world.random:below(1000)
  return function(group)
    world:keep(world.threads, (coroutine.running()))
    if type(group) == "table" and type(rawget(group, "spawn") or group.spawn) == "function" then
      world:keep(world.groups, group)
      group:spawn(tasks.sleep, 0.001)
    end
    for n = 1, count do
      world:act((seed + n * 7) % 12)
    end
    return count, seed
  end
end

-- An object to register: a socket half of the time.
function values.watched(world)
  local choice = world.random:below(9)
  if choice == 8 then
    return tasks.fileno()
  end
  if choice < 4 then
    return world:value "socket"
  elseif choice == 4 then
    return world:value "descriptor"
  elseif choice == 5 then
    return world:value "selector"
  end
  local number = world:value(world.random:of { "descriptor", "number", "hostile" })
  return {
    [world.random:of { "fileno", "getfd" }] = function()
      if world.random:once_in(4) then
        world:disturb()
      elseif world.random:once_in(8) then
        error(world.HOSTILE, 0)
      end
      return number
    end,
  }
end

function values.events(world)
  return world.random:below(3) + 1
end

function values.buffer(world)
  return world.random:of(world.buffers)
end

function values.file(world)
  return world.random:of(world.files)
end

function values.descriptor(world)
  return world.random:of(world.descriptors) or -1
end

-- A table whose metamethods raise, yield and change what they can reach.
function values.hostile(world)
  local function act()
    local choice = world.random:below(4)
    if choice == 0 then
      error(world.HOSTILE, 0)
    elseif choice == 1 then
      coroutine.yield(world.HOSTILE)
    elseif choice == 2 then
      world:disturb()
    end
    return 1e6
  end
  local metatable = { __name = world.random:of { "name", 5, "a\0b", ("n"):rep(400), false } }
  for _, event in ipairs { "index", "newindex", "len", "tostring", "eq", "call", "pairs", "close", "lt", "concat" } do
    metatable["__" .. event] = act
  end
  return setmetatable({ world:value(), world:value() }, metatable)
end

-- Sometimes more than the system accepts at once.
local MUCH = ("much"):rep(2 ^ 22 + 100)

function values.much(world)
  return world.random:once_in(50) and MUCH or world:value "text"
end

-- Values for one purpose, valid ones most of the time.

local function mostly(...)
  local choices = { ... }
  return function(world)
    if world.random:once_in(10) then
      return world:value(world.random:of { "number", "small", "text" })
    end
    return choices[world.random:below(#choices) + 1]
  end
end

local PEEK = socket.MSG_PEEK + socket.MSG_DONTWAIT

values.size = mostly(0, 1, 2, 5, 9, 16, 100, 300, 4096, 65536)
values.byte = mostly(0, 1, 100, 255)
values.proto = mostly(0, 0, 0, 0, 1, 6, 17)
values.kind = mostly(socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET, 2049)
values.unix = mostly(socket.AF_UNIX, socket.AF_UNIX, socket.AF_INET, socket.AF_TIPC)
values.flags = mostly(0, 0, 0, 0, socket.MSG_PEEK, socket.MSG_DONTWAIT, socket.MSG_WAITALL, socket.MSG_TRUNC, PEEK)
values.ai_flags = mostly(0, 1, 2, 4, 8, 32, 1024)
values.level = mostly(socket.SOL_SOCKET, socket.SOL_SOCKET, socket.IPPROTO_TCP, socket.IPPROTO_IP, socket.IPPROTO_IPV6)
values.length = mostly(nil, 0, 1, 4, 8, 16, 256, 1024)
values.host = mostly("", "localhost", "127.0.0.1", "::1", "fe80::1%lo", "no.such.host.invalid", "<broadcast>", "1.2.3")
values.service = mostly("http", "tcp", "udp", "80", "domain", 0, 80)
values.internet = mostly(socket.AF_INET, socket.AF_INET6)
values.packed = mostly("\127\0\0\1", ("\0"):rep(15) .. "\1", ("\255"):rep(16))
values.code = mostly("EAGAIN", "EPIPE", "EAI_NONAME", "HOST_NOT_FOUND", "timeout", "E524")
values.interface = mostly("lo", "lo", "eth0", "")
values.released = mostly(-1)
values.way = mostly("r", "w", "rw")
values.buffering = mostly("no", "line", "full")

function values.option(world)
  return world.random:below(80)
end

function values.option_value(world)
  return world:value(world.random:of { "small", "size", "boolean", "bytes", "nil", "packed", "interface" })
end

return values
