-- Where the versions of Lua differ.

local lua = {}

lua.unpack = table.unpack or unpack

function lua.pack(...)
  return { n = select("#", ...), ... }
end

-- Loads a chunk of text.
lua.load = loadstring or load

-- True where `local x <close>` exists.
lua.closes = lua.load("local x <close> = nil") ~= nil

-- How Lua calls the type of a value in its own messages.
function lua.type_name(value)
  local metatable = debug.getmetatable(value)
  local name = type(value) == "userdata" and metatable and metatable.__name
  return type(name) == "string" and name or type(value)
end

-- A value as it stands in the name of a spec, the same in every run.
function lua.show(value)
  local kind = type(value)
  if kind == "string" then
    return ("%q"):format(value)
  end
  return (kind == "number" or kind == "boolean" or kind == "nil") and tostring(value) or "a " .. kind
end

-- How long the collector pauses and how much it does in a step, both in percent; returns what was.
function lua.collector(pause, stepmul)
  if pcall(collectgarbage, "param", "pause") then
    return collectgarbage("param", "pause", pause), collectgarbage("param", "stepmul", stepmul)
  end
  return collectgarbage("setpause", pause), collectgarbage("setstepmul", stepmul)
end

-- The bytes of memory that `call` takes, with the collector stopped. It is called before that, so that Lua's own stack
-- has its size.
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
