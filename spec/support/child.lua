-- Programs that run beside the specs: the interpreter that runs the specs, or any other. None is left behind, for
-- `timeout` ends one that hangs.

local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local child = {}

-- The number of this process, where the interpreter tells it.
---@type integer?
child.own = rawget(arg, "pid")

-- Seconds after which a child is ended; more where the specs run slowly.
local LIMIT = 20 * (tonumber(os.getenv "BSDSOCKET_PATIENCE") or 1)

-- One word for the shell.
function child.quote(word)
  return "'" .. tostring(word):gsub("'", [['\'']]) .. "'"
end

-- The program that runs the specs.
function child.executable()
  local lowest = 0
  while arg[lowest - 1] do
    lowest = lowest - 1
  end
  return arg[lowest]
end

-- The command that runs this interpreter, in which `require` finds what it finds here.
function child.interpreter(environment)
  if system.windows then
    assert(not environment, "only a Unix shell sets variables for one program")
    return (child.executable():gsub("/", "\\"))
  end
  local paths = ("LUA_PATH=%s LUA_CPATH=%s"):format(child.quote(package.path), child.quote(package.cpath))
  return ("env %s %s %s"):format(paths, environment or "", child.quote(child.executable()))
end

-- What a command prints.
function child.output(command)
  local pipe = assert(io.popen(command))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

-- True when the system has a program of that name.
function child.has(program)
  if system.windows then
    return false
  end
  return child.output("command -v " .. child.quote(program)) ~= ""
end

local Child = {}
Child.__index = Child

-- Starts a command of the shell; `pid` is the number of its process, and what it prints can be read by lines. Options:
-- `limit` in seconds, `before`, what the shell does first.
function child.start(command, options)
  options = options or {}
  local errors = temporary.path()
  local whole = ("%s 2>%s"):format(command, errors)
  if not system.windows then
    local inner = ("%s\necho $$; exec %s"):format(options.before or "", command)
    local outer = 'timeout -s KILL %d sh -c %s 2>%s; echo "status $?"'
    whole = outer:format(options.limit or LIMIT, child.quote(inner), errors)
  end
  local pipe = assert(io.popen(whole))
  local pid = not system.windows and assert(tonumber(pipe:read("*l"))) or nil
  return setmetatable({ pipe = pipe, errors = errors, pid = pid }, Child)
end

-- Starts a Lua program, given as text. More options: `environment`, assignments of variables; `arguments`; `input`, the
-- file that it reads.
function child.lua(source, options)
  options = options or {}
  if system.windows then
    -- There is no command that sets the paths.
    source = ("package.path, package.cpath = %q, %q "):format(package.path, package.cpath) .. source
  end
  local script = temporary.file(source)
  local interpreter = child.interpreter(options.environment)
  local command = ("%s %s %s <%s"):format(
    interpreter,
    script,
    options.arguments or "",
    options.input or (system.windows and "nul" or "/dev/null")
  )
  local started = child.start(command, options)
  started.script = script
  return started
end

-- Runs a Lua program to its end: what it printed, what it complained, and its status.
function child.run(source, options)
  return child.lua(source, options):finish()
end

-- The next line that it prints, waited for.
function Child:line()
  return self.pipe:read("*l")
end

-- Waits for its end: what it printed since, what it complained, and its status.
function Child:finish()
  local output = self.pipe:read("*a")
  local _, _, status = self.pipe:close()
  if not system.windows then
    output, status = output:match("^(.*)status (%d+)\n$")
  end
  local complaints = temporary.read(self.errors)
  temporary.remove(self.errors, self.script)
  return output, complaints, tonumber(status)
end

-- Sends it a signal.
function Child:signal(name)
  os.execute(("kill -%s %d"):format(name, self.pid))
end

-- Waits until it sleeps in the system, as a call that waits does: until it was found asleep twice, and did not wake in
-- between.
function Child:asleep()
  local path = ("/proc/%d/status"):format(self.pid)
  local limit = os.time() + LIMIT
  local function nap()
    local status = temporary.read(path)
    return status == "" and "gone" or status:match("State:%s+S") and status:match("voluntary_ctxt_switches:.*")
  end
  repeat
    local before = nap()
    os.execute("sleep 0.01")
  until before and before == nap() or os.time() > limit
end

return child
