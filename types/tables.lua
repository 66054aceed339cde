-- Formats src/constants in Markdown.

local constants = require "types.constants"
local meanings = require "types.meanings"
local socket = require "bsdsocket"

local tables = {}

-- The systems of a name that is in several blocks.
local function join(one, other)
  if one == "all except " .. other or other == "all except " .. one then
    return "everywhere"
  end
  return one .. ", " .. other
end

-- A table of names, meanings and systems; further columns are given as headings and functions of the row.
local function show(rows, heads, ...)
  local lines, places, list = {}, {}, {}
  for _, row in ipairs(rows) do
    local known = list[places[row.name]]
    if known then
      known.where = join(known.where, row.where)
    else
      list[#list + 1] = { name = row.name, where = row.where }
      places[row.name] = #list
    end
  end
  for place, row in ipairs(list) do
    lines[place] = ("| `%s` | %s | %s |"):format(row.name, meanings[row.name] or "", row.where)
    for n = 1, select("#", ...) do
      lines[place] = lines[place] .. " " .. select(n, ...)(row) .. " |"
    end
  end
  local head = "| name | meaning | where |" .. (heads or "")
  return head .. "\n" .. head:gsub("[^|]+", " --- ") .. "\n" .. table.concat(lines, "\n") .. "\n\n"
end

-- The exception for the name of an error number.
local function exception(row)
  local _, name = socket.error_class(row.name)
  return name and "`" .. name .. "`" or ""
end

-- The page of errors, after the entries.
function tables.errors()
  return table.concat {
    "## Error numbers\n\n",
    "The codes of the class `error`, and the exception that `socket.error_class` returns for each. `socket.errno`\n",
    "has their numbers, which differ between systems.\n\n",
    show(constants.table("errno", "ERRNO").rows, " exception |", exception),
    "## Resolver errors\n\n",
    "The codes of the class `gaierror`.\n\n",
    show(constants.table("netdb", "RESOLVER_ERRORS").rows),
    "## Host errors\n\n",
    "The codes of the class `herror`.\n\n",
    show(constants.host_errors()),
  }
end

-- The page of constants, after its heading.
function tables.constants()
  local out, title = {}, nil
  for _, group in ipairs(constants.integers()) do
    if group.title ~= title then
      title = group.title
      out[#out + 1] = "## " .. title .. "\n\n"
    end
    out[#out + 1] = group.comment .. "\n\n" .. show(group.rows)
  end
  local strings = {}
  for _, row in ipairs(constants.strings()) do
    strings[#strings + 1] = row.name ~= row.name:lower() and row or nil
  end
  local enumerations = {}
  for place, row in ipairs(constants.enumerations()) do
    enumerations[place] = row.name
  end
  return table.concat {
    "Integers, with the values of the system. A constant that the system lacks is `nil`, so `if socket.AF_CAN then`\n",
    "tests for a feature.\n\n",
    table.concat(out),
    "## Strings\n\n",
    show(strings),
    "## Enumerations\n\n",
    "Tables that map a name to its number, and a number to its first name: `socket.AddressFamily[2]` is\n",
    '`"AF_INET"`.\n\n',
    "- `" .. table.concat(enumerations, "`\n- `") .. "`\n",
  }
end

return tables
