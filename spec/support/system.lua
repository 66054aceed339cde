-- What kind of system this is.

local system = {}

system.windows = package.config:sub(1, 1) == "\\"

local version = not system.windows and io.open("/proc/version")
system.linux = version and version:close() or false

-- True on the systems that have something, as `**Available**` says it in the types.
function system.is(name)
  local known = {
    everywhere = true,
    Unix = not system.windows,
    Linux = system.linux,
    Windows = system.windows,
  }
  return assert(known[name] ~= nil, name) and known[name]
end

return system
