-- Has `require` find the modules that LuaSocket has in C.

local core, unix, mime, preload = ...

core._VERSION, mime._VERSION = "LuaSocket 3.0.0", "MIME 1.0.3"

unix.tcp, unix.udp = unix.stream, unix.dgram
unix.__call = function(self, ...)
  return self.stream(...)
end
setmetatable(unix, unix)

if preload then
  for name, module in pairs { ["socket.core"] = core, ["socket.unix"] = unix, ["mime.core"] = mime } do
    preload[name] = function()
      return module
    end
  end
end
