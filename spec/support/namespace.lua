-- Programs in a network of their own, with files of their own in /etc: only Linux has that, and it needs privileges.

local child = require "spec.support.child"
local lua = require "spec.support.lua"
local temporary = require "spec.support.temporary"

local namespace = {}

-- The options of unshare(1) that work here: as root, or as a user who may make a user namespace.
local options
for _, some in ipairs(child.has "unshare" and child.has "ip" and { "-mn", "-rmn" } or {}) do
  local test = "mount --bind /dev/null /etc/hosts && ip link set lo up"
  local command = "unshare %s sh -c '%s' 2>/dev/null && echo yes"
  if not options and child.output(command:format(some, test)) == "yes\n" then
    options = some
  end
end

--- Whether there are such networks here.
namespace.available = options ~= nil

--- Starts a Lua program in a network that has the loopback interface alone, and what the shell commands `before` make.
--- `files` maps paths of files that exist to what they contain there. `limit` is as for other children.
---@param source string
---@param files table<string, string>
---@param before? string[]
---@param limit? integer
function namespace.start(source, files, before, limit)
  local script, made = temporary.file(source), {}
  local steps = { "ip link set lo up" }
  for path, content in pairs(files) do
    local copy = temporary.file(content)
    made[#made + 1] = copy
    steps[#steps + 1] = ("mount --bind %s %s"):format(copy, path)
  end
  for _, command in ipairs(before or {}) do
    steps[#steps + 1] = command
  end
  steps[#steps + 1] = ("exec %s %s"):format(child.interpreter(), script)
  local command = ("unshare %s sh -c %s"):format(options, child.quote(table.concat(steps, " && ")))
  local started = child.start(command, { limit = limit })
  started.files = { script, lua.unpack(made) }
  return started
end

--- Runs such a program to completion. Returns its output, what it wrote on standard error, and its exit status.
---@param source string
---@param files table<string, string>
---@param before? string[]
function namespace.run(source, files, before)
  return namespace.start(source, files, before):finish()
end

return namespace
