-- Runs the suites, and prints a table: `luasocket/run` prepares and calls this.

local suites = require "luasocket.suites"

-- How a program is switched: every module in C comes from the library.
local INIT = [[
require "bsdsocket.luasocket"
assert(package.preload["socket.core"] and package.preload["socket.unix"] and package.preload["mime.core"])]]

local LUAS = { "lua51", "lua52", "lua53", "lua54", "luajit" }
local pattern, only = arg[1] or "", arg[2]

local function read(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("a")
  pipe:close()
  return text
end

local function has(path)
  return os.rename(path, path) ~= nil
end

local root = read("pwd"):gsub("\n", "")
local out = root .. "/target/luasocket"
local sources = out .. "/sources"

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

-- Whether all sources that a suite needs are there.
local function is_complete(script)
  for folder in script:gmatch("%$sources/([%w-]+)/") do
    if not has(sources .. "/" .. folder) then
      return false
    end
  end
  return not script:find("certificates\n", 1, true) or has(sources .. "/certs")
end

-- A run of a suite on one Lua with one library. Returns the script that makes it, and a function that returns what came
-- of it: a number of checks, "ok", "FAIL", or "–" where it cannot run.
local function prepare(suite, lua, ours)
  local name, script = suite[1], suite[2]
  local interpreter = lua == "luajit" and lua or lua:gsub("lua5", "lua5.")
  local log = ("%s/log/%s %s %s"):format(out, name:gsub("/", "-"), lua, ours and "bsdsocket" or "LuaSocket")
  local scratch = read("mktemp -d -p " .. quote(out)):gsub("\n", "")
  local native = root .. "/target/%s/lib/?.so;;"
  local function write(file, ...)
    local handle = assert(io.open(scratch .. "/" .. file, "w"))
    handle:write(table.concat({ ... }, "\n"), "\n")
    handle:close()
    return scratch .. "/" .. file
  end
  local inner = write(
    "script",
    ("export lua=%s sources=%s programs=%s"):format(interpreter, quote(sources), quote(root .. "/luasocket/programs")),
    "export native=" .. quote(native:format("lua54")),
    -- Libraries in Lua that are packaged for another Lua only.
    "export LUA_PATH=';;/usr/share/lua/5.1/?.lua' LUA_CPATH=" .. quote(ours and native:format(lua) or ";;"),
    -- Programs that a suite starts have it too.
    ours and "export LUA_INIT=" .. quote(INIT) or "unset LUA_INIT",
    "ip link set lo up",
    "mount -t tmpfs none /tmp",
    "cd " .. quote(scratch),
    ". " .. quote(root .. "/luasocket/steps.sh"),
    is_complete(script) and script or "exit 77"
  )
  local namespace = "unshare --net --pid --mount --fork --kill-child --mount-proc"
  local outer = write(
    "run",
    ("timeout -s KILL 200 %s sh %s >%s 2>&1 </dev/null"):format(namespace, inner, quote(log)),
    ("echo $? >%s/status"):format(scratch)
  )
  return outer,
    function()
      local status = io.open(scratch .. "/status"):read("n")
      os.execute("rm -rf " .. quote(scratch))
      local text = assert(io.open(log)):read("a")
      if status == 77 then
        return "–"
      end
      return status ~= 0 and "FAIL" or text:match("passed (%d+)%s*$") or "ok"
    end
end

-- Whether a suite passes with LuaSocket and not, or with fewer checks, with the library.
local function is_worse(ours, theirs)
  local fewer = (tonumber(ours) or 0) < (tonumber(theirs) or 0)
  return theirs ~= "FAIL" and theirs ~= "–" and (ours == "FAIL" or ours == "–" or fewer)
end

os.execute("mkdir -p " .. quote(out .. "/log"))
local luas = {}
for _, lua in ipairs(LUAS) do
  if not only or only == lua then
    luas[#luas + 1] = lua
  end
end
local function print_row(name, cells)
  local row = { ("%-34s"):format(name) }
  for _, cell in ipairs(cells) do
    -- A dash has three bytes.
    row[#row + 1] = cell .. (" "):rep(13 - utf8.len(cell))
  end
  print((table.concat(row, " "):gsub("%s+$", "")))
  io.stdout:flush()
end

print("with LuaSocket / with bsdsocket.luasocket")
print_row("", luas)
local worse, passed, count = {}, 0, 0
for _, suite in ipairs(suites) do
  if suite[1]:find(pattern) then
    local scripts, outcomes = {}, {}
    for n, lua in ipairs(luas) do
      scripts[2 * n - 1], outcomes[2 * n - 1] = prepare(suite, lua, false)
      scripts[2 * n], outcomes[2 * n] = prepare(suite, lua, true)
    end
    os.execute(("printf '%%s\\n' %s | xargs -P 4 -n 1 sh"):format(table.concat(scripts, " ")))
    local cells = {}
    for n, lua in ipairs(luas) do
      local theirs, ours = outcomes[2 * n - 1](), outcomes[2 * n]()
      if is_worse(ours, theirs) then
        -- Some tests have tight times: once more, alone.
        local script, outcome = prepare(suite, lua, true)
        os.execute("sh " .. quote(script))
        ours = outcome()
      end
      cells[n] = theirs .. " / " .. ours
      count = count + (theirs == "–" and 0 or 1)
      passed = passed + ((ours ~= "FAIL" and ours ~= "–") and 1 or 0)
      if is_worse(ours, theirs) then
        worse[#worse + 1] = suite[1] .. " on " .. lua
      end
    end
    print_row(suite[1], cells)
  end
end
print(("%d of %d runs pass with bsdsocket.luasocket; the logs are in target/luasocket/log"):format(passed, count))
if #worse > 0 then
  print("pass with LuaSocket alone:\n  " .. table.concat(worse, "\n  "))
  os.exit(1)
end
