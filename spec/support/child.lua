-- Child processes of the specs: the interpreter that runs the specs, or any other program. `timeout` ends one that
-- hangs, so that none is left running. It is for programs that have input, or that test the library by themselves, and
-- works without the library; `spawn` of bsdsocket.test is for the others.

local lua = require "spec.support.lua"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local child = {}

-- The id of this process, if the interpreter can tell.
---@type integer?
child.own = rawget(arg, "pid")

-- Seconds after which a child is ended; more if the specs run slowly.
local LIMIT = 20 * (tonumber(os.getenv "BSDSOCKET_PATIENCE") or 1)

-- Quotes one word for the shell.
function child.quote(word)
  return "'" .. tostring(word):gsub("'", [['\'']]) .. "'"
end

-- The path of the interpreter that runs the specs.
function child.executable()
  local lowest = 0
  while arg[lowest - 1] do
    lowest = lowest - 1
  end
  return arg[lowest]
end

-- The command that runs this interpreter with the same search paths.
function child.interpreter(environment)
  if system.windows then
    assert(not environment, "only a Unix shell sets variables for one program")
    return (child.executable():gsub("/", "\\"))
  end
  local paths = ("LUA_PATH=%s LUA_CPATH=%s"):format(child.quote(package.path), child.quote(package.cpath))
  return ("env %s %s %s"):format(paths, environment or "", child.quote(child.executable()))
end

-- The output of a command.
function child.output(command)
  local pipe = assert(io.popen(command))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

-- Whether the system has a program of that name.
function child.has(program)
  if system.windows then
    return false
  end
  return child.output("command -v " .. child.quote(program)) ~= ""
end

local Child = {}
Child.__index = Child

-- Starts a shell command; `pid` is its process id, and its output can be read line by line. Options: `limit` in
-- seconds; `before`, shell code to run first.
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

-- Whether the programs are the bodies of tasks: `in_task` sets it.
child.in_task = false

-- A program whose body is a task.
local TASK = 'local run, body = require("bsdsocket.tasks").run pcall = require("bsdsocket.tasks").pcall '
  .. "function body(...) %s\nend run(body, ...)\n"

-- Starts a Lua program, given as text. Further options: `environment`, variable assignments; `arguments`; `input`, the
-- file for standard input; `after`, code that follows.
function child.lua(source, options)
  options = options or {}
  if child.in_task then
    source = TASK:format(source)
  end
  source = source .. (options.after or "")
  if system.windows then
    -- No command here sets environment variables, so the program sets the paths.
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
  started.files = { script }
  return started
end

-- Runs a Lua program to completion; returns its standard output, standard error and exit status.
function child.run(source, options)
  return child.lua(source, options):finish()
end

-- Waits for the next line of output.
function Child:line()
  return self.pipe:read("*l")
end

-- Waits for it to end; returns the rest of its output, its standard error and its exit status.
function Child:finish()
  local output = self.pipe:read("*a")
  local _, _, status = self.pipe:close()
  if not system.windows then
    output, status = output:match("^(.*)status (%d+)\n$")
  end
  local complaints = temporary.read(self.errors)
  temporary.remove(self.errors, lua.unpack(self.files or {}))
  return output, complaints, tonumber(status)
end

-- Sends it a signal.
function Child:signal(name)
  os.execute(("kill -%s %d"):format(name, self.pid))
end

-- Waits until it sleeps in a system call: until it was found sleeping twice without having run in between.
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
