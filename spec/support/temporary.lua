-- Temporary files of the specs.

local temporary = {}

-- A file name in the temporary folder; some C libraries return it without the folder.
local function name()
  local path = os.tmpname()
  return path:match("^\\[^\\]+$") and os.getenv "TEMP" .. path or path
end

-- An unused path.
function temporary.path()
  local path = name()
  os.remove(path)
  return path
end

-- Creates a file with this content; returns its path.
function temporary.file(content)
  local path = name()
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

-- The content of a file, or "" if it does not exist.
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
