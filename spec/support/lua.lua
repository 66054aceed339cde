-- Differences between Lua versions.

local lua = {}

lua.unpack = table.unpack or unpack

function lua.pack(...)
  return { n = select("#", ...), ... }
end

-- Loads a chunk from a string.
lua.load = loadstring or load

-- Whether `local x <close>` is supported.
lua.closes = lua.load("local x <close> = nil") ~= nil

-- The name of a value's type in Lua's own messages.
function lua.type_name(value)
  local metatable = debug.getmetatable(value)
  local name = type(value) == "userdata" and metatable and metatable.__name
  return type(name) == "string" and name or type(value)
end

-- A value as shown in spec titles, the same in every run.
function lua.show(value)
  local kind = type(value)
  if kind == "string" then
    return ("%q"):format(value)
  end
  return (kind == "number" or kind == "boolean" or kind == "nil") and tostring(value) or "a " .. kind
end

-- Collects all garbage. In older Luas a socket is collected two cycles after its last stream. LuaJIT's machine code
-- keeps the objects alive that it refers to.
function lua.collect()
  if jit then
    jit.flush()
  end
  for _ = 1, lua.closes and 2 or 4 do
    collectgarbage()
  end
end

-- Sets the pause and the step multiplier of the collector, both in percent; returns the previous values.
function lua.collector(pause, stepmul)
  if pcall(collectgarbage, "param", "pause") then
    return collectgarbage("param", "pause", pause), collectgarbage("param", "stepmul", stepmul)
  end
  return collectgarbage("setpause", pause), collectgarbage("setstepmul", stepmul)
end

-- The bytes of memory that `call` allocates, measured with the collector stopped, after a first call that sizes Lua's
-- stack.
function lua.allocated(call)
  if jit then
    jit.off()
  end
  collectgarbage()
  collectgarbage("stop")
  call()
  local before = collectgarbage("count")
  call()
  local after = collectgarbage("count")
  collectgarbage("restart")
  if jit then
    jit.on()
  end
  return (after - before) * 1024
end

return lua
