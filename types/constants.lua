-- Parses the tables in src/constants: the module has only the constants of one system, the tables those of all.

local constants = {}

-- The content of a file of the project.
function constants.read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local root = constants.read "src/constants/mod.rs"

-- The definition of a constant in a Rust source, and the comment before it.
local function definition(source, name, close)
  local comment, body = source:match("([^\n]*)\n[^\n]*const " .. name .. ":[^=]+=%s*(.-" .. close .. ")")
  return assert(body, name), comment
end

-- The names that build.rs gives to systems.
local SYSTEMS = {
  android = "Android",
  apple = "macOS",
  bsd = "DragonFly, FreeBSD, NetBSD, OpenBSD",
  dragonfly = "DragonFly",
  freebsd = "FreeBSD",
  gnu = "glibc",
  linux = "Linux",
  linux_like = "Linux, Android",
  macos = "macOS",
  netbsd = "NetBSD",
  netbt = "DragonFly, NetBSD",
  openbsd = "OpenBSD",
  unix = "Unix",
  windows = "Windows",
}

-- A `cfg` condition as text.
local function words(condition)
  local operator, inside = condition:match "^(%l+)(%b())$"
  if not operator then
    local system = condition:match '"(.*)"$' or condition
    return SYSTEMS[system] or system
  end
  local parts, place = {}, 2
  while place < #inside do
    local part = inside:match("^%l+%b()", place) or inside:match("^[^,)]+", place)
    parts[#parts + 1] = words(part)
    place = inside:match("^[,%s]*()", place + #part)
  end
  if operator == "all" then
    return (table.concat(parts, " with "):gsub("with all except", "but not"))
  end
  return (operator == "not" and "all except " or "") .. table.concat(parts, ", ")
end

-- The constants of a table: names and systems.
local function rows(body, pattern)
  local list, condition = {}, nil
  -- A condition may span several lines.
  body = body:gsub("#%[cfg%b()%]", function(cfg)
    return (cfg:gsub("%s*\n%s*", ""))
  end)
  for line in body:gmatch "[^\n]+" do
    local cfg, block = line:match "#%[cfg(%b())%]( ?{?)"
    local name = line:match(pattern)
    if cfg then
      condition = { words(cfg:sub(2, -2)), block = block == " {" }
    elseif name then
      list[#list + 1] = { name = name, where = condition and condition[1] or "everywhere" }
    end
    if line:find "^%s+}$" or name and condition and not condition.block then
      condition = nil
    end
  end
  return list
end

-- The table in a file: its constants, the comments of the file and of the table.
function constants.table(file, name)
  local source = constants.read("src/constants/" .. file .. ".rs")
  local body, comment = definition(source, name, "\n};")
  return {
    title = source:match "^//! ([^\n]+)%.\n",
    comment = comment:match "^/// (.*)$",
    rows = rows(body, "^%s+(%u[%w_]+)"),
  }
end

-- The tables of the module's integers.
function constants.integers()
  local groups = {}
  for file, name in definition(root, "INTEGERS", "];"):gmatch "([%l%d_]+)::([%u_%d]+)" do
    groups[#groups + 1] = constants.table(file, name)
  end
  return groups
end

-- The module's strings; the exceptions are in lower case.
function constants.strings()
  return rows(definition(root, "STRINGS", "\n];"), '%("([%w_]+)", ')
end

-- The names of the enumerations.
function constants.enumerations()
  return rows(definition(root, "ENUMS", "];"), '%("(%u%a+)", ')
end

-- The codes of the host database.
function constants.host_errors()
  local list = {}
  for name in definition(root, "HOST_ERRORS", "%)];"):gmatch '%("([%u_]+)"' do
    list[#list + 1] = { name = name, where = "everywhere" }
  end
  return list
end

return constants
