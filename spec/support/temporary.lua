-- Files that exist for the time of one spec.

local temporary = {}

-- A name in the folder for such files, which not every C library puts before it.
local function name()
  local path = os.tmpname()
  return path:match("^\\[^\\]+$") and os.getenv "TEMP" .. path or path
end

-- A path that nothing has.
function temporary.path()
  local path = name()
  os.remove(path)
  return path
end

-- A file with this content: its path.
function temporary.file(content)
  local path = name()
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

-- What a file holds, "" when there is none.
function temporary.read(path)
  local file = io.open(path, "rb")
  if not file then
    return ""
  end
  local content = file:read("*a")
  file:close()
  return content or ""
end

function temporary.remove(...)
  for n = 1, select("#", ...) do
    local path = select(n, ...)
    if path then
      os.remove(path)
    end
  end
end

return temporary
