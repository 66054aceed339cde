-- Compares what the library exports with what types/ declares. The constants have their own file and spec.

local child = require "spec.support.child"
local entries = require "types.entries"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local test = require "bsdsocket.test"
local system = require "spec.support.system"

local CONSTANTS = "types/constants.d.lua"

-- The classes in a list of sections: the fields and functions of each, by name.
local function read_classes(sections)
  ---@type table<string, { fields: table, functions: table<string, types.Entry> }?>
  local classes = {}
  for _, section in ipairs(sections) do
    for _, entry in ipairs(section.entries) do
      local class = { fields = {}, functions = {} }
      for _, field in ipairs(entry.field) do
        class.fields[field.name:match "^[%a_].*" or 1] = field
      end
      for _, fun in ipairs(entry.functions) do
        assert(not class.functions[fun.name], fun.name .. " has two entries")
        class.functions[fun.name] = fun
      end
      class.fields[1] = nil
      classes[entry.name] = class
    end
  end
  return classes
end

-- The names in a table, separated by whether their values are functions.
local function kinds(exports)
  local fields, functions = {}, {}
  for name, value in pairs(exports) do
    local kind = type(value) == "function" and functions or fields
    kind[name] = true
  end
  return { fields = fields, functions = functions }
end

-- The module without its constants.
local function module_members()
  local constants = read_classes(entries.read(CONSTANTS)).bsdsocket.fields
  local members = {}
  for name, value in pairs(socket) do
    if not constants[name] then
      members[name] = value
    end
  end
  return members
end

-- The fields of a socket with all fields set, and its methods.
local function socket_members()
  local members = {}
  for name, value in pairs(socket.SocketType) do
    members[name] = value
  end
  local one = assert(socket.socket())
  assert(one:settimeout(1))
  for name, value in pairs(debug.getmetatable(one).__index) do
    members[name] = value
  end
  one:close()
  return members
end

-- The methods of buffers; scripts cannot reach their table.
local function buffer_members()
  local fill = socket.buffer(0).fill
  for _, value in pairs(debug.getregistry()) do
    if type(value) == "table" and rawget(value, "fill") == fill then
      return value
    end
  end
end

-- The methods of streams.
local function stream_members()
  local one, other = assert(socket.socketpair())
  local stream = assert(one:makefile())
  local members = debug.getmetatable(stream).__index
  stream:close()
  one:close()
  other:close()
  return members
end

-- The methods of selectors.
local function selector_members()
  local selector = assert(selectors.DefaultSelector())
  local members = debug.getmetatable(selector).__index
  selector:close()
  return members
end

-- The methods of what tasks have.
local function task_members()
  local task = tasks.spawn(tasks.now)
  tasks.step(0)
  return { join = task.join, cancel = task.cancel, name = task.name, status = task.status }
end

local function group_members()
  local members = {}
  tasks.run(function()
    tasks.group(function(group)
      members = group
    end)
  end)
  return { spawn = members.spawn, cancel = members.cancel }
end

local function plain_members(object, names)
  local members = {}
  for _, name in ipairs(names) do
    members[name] = object[name]
  end
  return members
end

-- The methods and the fields of a peer that are there for tests.
local function peer_members()
  local one, other = assert(socket.socketpair())
  local peer, names = test.wrap(one), { name = true, socket = true }
  peer:close()
  other:close()
  local members = { from = "" }
  for name in pairs(names) do
    members[name] = peer[name]
  end
  for name, value in pairs(debug.getmetatable(peer)) do
    members[name] = name ~= "__index" and value or nil
  end
  return members
end

local function server_members()
  local members
  test.run(function()
    local server = test.server(function() end, { type = socket.SOCK_DGRAM })
    members = plain_members(server, { "address", "name", "finish", "close" })
  end)
  return members
end

local function proxy_members()
  local members
  test.run(function()
    members = plain_members(test.proxy { to = { "127.0.0.1", 1 } }, { "address", "log", "seed", "set" })
  end)
  return members
end

local function program_members()
  if system.windows then
    return {}
  end
  local program = test.spawn { "true" }
  program:close()
  return plain_members(program, { "name", "id", "output", "expect", "wait", "stop", "close" })
end

-- The members of LuaSocket's tables, by class. A child process tells, since the module ignores SIGPIPE for its process.
local luasocket = {}
do
  local output = child.run [[
    local socket = require "bsdsocket.luasocket"
    local tables = {
      ["bsdsocket.luasocket"] = socket,
      ["bsdsocket.LuaSocketDns"] = socket.dns,
      ["bsdsocket.LuaTcp"] = getmetatable(socket.tcp4()).__index,
      ["bsdsocket.LuaUdp"] = getmetatable(socket.udp4()).__index,
    }
    for class, members in pairs(tables) do
      for name, value in pairs(members) do
        print(class, type(value), name)
      end
    end
  ]]
  for class, kind, name in output:gmatch "(%S+)\t(%S+)\t(%S+)" do
    luasocket[class] = luasocket[class] or {}
    luasocket[class][name] = kind == "function" and print or kind
  end
end

local EXPORTS = {
  ["bsdsocket"] = kinds(module_members()),
  ["bsdsocket.Socket"] = kinds(socket_members()),
  ["bsdsocket.Buffer"] = kinds(buffer_members()),
  ["bsdsocket.Stream"] = kinds(stream_members()),
  ["bsdsocket.selectors"] = kinds(selectors),
  ["bsdsocket.Selector"] = kinds(selector_members()),
  ["bsdsocket.tasks"] = kinds(tasks),
  ["bsdsocket.Task"] = kinds(task_members()),
  ["bsdsocket.Group"] = kinds(group_members()),
  ["bsdsocket.TaskEvent"] = kinds(plain_members(tasks.event(), { "set", "clear", "is_set", "wait" })),
  ["bsdsocket.Queue"] = kinds(plain_members(tasks.queue(), { "put", "get", "close" })),
  ["bsdsocket.test"] = kinds(test),
  ["bsdsocket.Peer"] = kinds(peer_members()),
  ["bsdsocket.Proxy"] = kinds(proxy_members()),
  ["bsdsocket.Program"] = kinds(program_members()),
  ["bsdsocket.TestServer"] = kinds(server_members()),
  ["bsdsocket.luasocket"] = kinds(luasocket["bsdsocket.luasocket"]),
  ["bsdsocket.LuaSocketDns"] = kinds(luasocket["bsdsocket.LuaSocketDns"]),
  ["bsdsocket.LuaTcp"] = kinds(luasocket["bsdsocket.LuaTcp"]),
  ["bsdsocket.LuaUdp"] = kinds(luasocket["bsdsocket.LuaUdp"]),
  ["bsdsocket.Semaphore"] = kinds(plain_members(tasks.semaphore(1), { "acquire", "release" })),
}

-- The names in one table that another lacks, sorted.
local function lacking(these, those)
  local list = {}
  for name in pairs(these) do
    if not those[name] then
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return list
end

local classes = read_classes(entries.all())

-- The entries that apply to this system.
local function available(list)
  local found = {}
  for name, entry in pairs(list) do
    local comment = type(entry) == "table" and entry.text and table.concat(entry.text, "\n") or ""
    found[name] = system.has(comment:match("%*%*Available%*%* ([^·]-) ·") or "everywhere") and entry or nil
  end
  return found
end

for class, exports in pairs(EXPORTS) do
  local documented = assert(classes[class], "the types have no class " .. class)

  describe("the types of " .. class, function()
    for _, kind in ipairs { "functions", "fields" } do
      it("declare each of its " .. kind, function()
        assert.same({}, lacking(exports[kind], available(documented[kind])))
      end)

      it("declare no " .. kind .. " that it lacks", function()
        assert.same({}, lacking(available(documented[kind]), exports[kind]))
      end)
    end

    for name, entry in pairs(documented.functions) do
      local comment = table.concat(entry.text, "\n")

      it("document what " .. name .. " does, where it is available, and the source", function()
        assert.truthy(comment:find("^%u[^\n]*"), "no sentence")
        assert.truthy(comment:find("**Available** ", 1, true), "no availability")
        assert.truthy(comment:find("**Source** ", 1, true), "no source")
      end)

      it("document each parameter and the results of " .. name, function()
        local described, declared = {}, {}
        for place, param in ipairs(entry.param) do
          described[place] = param.name
        end
        for parameter in entry.parameters:gmatch("[%w_.]+") do
          declared[#declared + 1] = parameter
        end
        assert.same(declared, described)
        assert.truthy(entry["return"][1], "no results")
      end)
    end
  end)
end
