-- The operating system.

local system = {}

system.windows = package.config:sub(1, 1) == "\\"

local version = not system.windows and io.open("/proc/version")
system.linux = version and version:close() or false

local KNOWN = {
  everywhere = true,
  Unix = not system.windows,
  Linux = system.linux,
  Windows = system.windows,
  Android = false,
  macOS = false,
  BSDs = false,
  -- In states whose host allows it.
  hosts = false,
}

-- Whether this system is among those of an `**Available**` line in the types.
function system.has(list)
  local found = false
  for name in list:gmatch "[^%s,]+" do
    assert(KNOWN[name] ~= nil, name)
    found = found or KNOWN[name]
  end
  return found
end

return system
