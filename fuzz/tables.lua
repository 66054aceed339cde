-- Random tables: sequences, addresses, options.

local socket = require "bsdsocket"
local values = require "fuzz.values"

-- Sequences.

local function sequence(kind, most)
  return function(world)
    local items = {}
    local length = world.random:once_in(50) and 1100 or world.random:below(most)
    local item = world:value(kind)
    for n = 1, length do
      items[n] = n < 6 and world:value(kind) or item
    end
    return items
  end
end

values.any_sequence = sequence(nil, 4)
values.pieces = sequence("piece", 5)
values.buffers = sequence("buffer", 4)
values.descriptors = sequence("descriptor", 4)
values.items = sequence("item", 3)

function values.piece(world)
  return world:value(world.random:of { "text", "buffer", "bytes", "much" })
end

function values.item(world)
  local level = world.random:of { socket.SOL_SOCKET, socket.IPPROTO_IP, socket.IPPROTO_IPV6, world:value "constant" }
  local kind = world.random:of { socket.SCM_RIGHTS, socket.SCM_CREDENTIALS, socket.IP_TOS, world:value "small" }
  return { level, kind, world:value(world.random:of { "bytes", "buffer", "text", "much" }) }
end

-- Addresses.

function values.family(world)
  return world.random:of(world.families)
end

function values.address(world)
  local choice = world.random:below(8)
  if choice < 2 then
    return world:value "known_address"
  elseif choice == 2 then
    return world:value "fitting_address"
  elseif choice == 3 then
    return { world.random:of { "127.0.0.1", "::1", "", "localhost", "<broadcast>" }, world:value "small" }
  elseif choice == 4 then
    return world:value "text"
  elseif choice == 5 then
    return { host = world:value "text", port = world:value "number" }
  end
  local fields = {}
  for n = 1, world.random:below(6) do
    fields[n] = world:value(world.random:of { "text", "number", "constant", "small", "bytes" })
  end
  return fields
end

-- The address of an open socket.
function values.known_address(world)
  local of = world:value "socket"
  return of and (of:getsockname()) or { "127.0.0.1", 9 }
end

local FITTING = {
  [socket.AF_INET] = { "127.0.0.1", 0 },
  [socket.AF_INET6] = { "::1", 0 },
  [socket.AF_UNIX] = "path",
  [socket.AF_NETLINK] = { 0, 0 },
  [socket.AF_PACKET] = { "lo", 3 },
  [socket.AF_CAN] = { "vcan0", 0, 0, 0 },
  [socket.AF_TIPC] = { socket.TIPC_ADDR_NAME, 1000, 1, 1 },
  [socket.AF_ALG] = { "hash", "sha256" },
  [socket.AF_QIPCRTR] = { 1, 2 },
}

-- An address of the family of the socket that the call is made on.
function values.fitting_address(world)
  return world.called and FITTING[world.called.family] or FITTING[socket.AF_INET]
end

-- Tables of options.

local OPTIONS = {
  "family",
  "type",
  "proto",
  "fileno",
  "timeout",
  "source_address",
  "all_errors",
  "backlog",
  "reuse_port",
  "host",
  "mode",
  "dualstack_ipv6",
  "msg",
  "op",
  "iv",
  "assoclen",
  "flags",
  "buffering",
  "encoding",
  "errors",
  "newline",
  "nonsense",
}

function values.options(world)
  local options = {}
  for _ = 1, world.random:below(4) do
    options[world.random:of(OPTIONS)] = world:value()
  end
  return options
end

function values.connection_options(world)
  return {
    timeout = world.random:of { 0.001, 0, nil },
    all_errors = world:value "boolean",
    source_address = world.random:once_in(3) and world:value "address" or nil,
  }
end

function values.server_options(world)
  return {
    family = world.random:of { nil, socket.AF_INET, socket.AF_INET6 },
    backlog = world:value "small",
    reuse_port = world:value "boolean",
    dualstack_ipv6 = world.random:once_in(4),
  }
end

function values.cipher_options(world)
  return {
    op = world:value(world.random:of { "boolean", "small" }) == 0 and 0 or 1,
    iv = world.random:of { nil, ("i"):rep(16), "short" },
    assoclen = world.random:of { nil, 0, 4 },
    flags = world.random:of { nil, socket.MSG_MORE },
    msg = world:value "pieces",
  }
end

function values.stream_options(world)
  return {
    buffering = world.random:of { -1, 0, 1, 2, 7, 65536 },
    encoding = world.random:of { nil, "utf-8", "latin-1", "shift_jis", "utf-16", "iso-2022-jp", "gb18030" },
    errors = world.random:of { "strict", "ignore", "replace" },
    newline = world.random:of { "", "\n", "\r", "\r\n" },
    limit = world.random:of { nil, 1, 10, 65536 },
  }
end

function values.mode(world)
  return world.random:of { "r", "w", "rw", "rb", "wb", "rwb", "" }
end

function values.format(world)
  return world.random:of { "l", "L", "n", "a", "*l", "*a", 0, 1, 10, 100000 }
end
