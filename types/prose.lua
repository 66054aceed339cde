-- Formats text, types and links in Markdown.

local entries = require "types.entries"

---The links to all documented names.
---@class types.Prose
---@field names table<string, string> links of classes and aliases
---@field functions table<string, table<string, string>> by class, the links of its functions
---@field navigation string the links to all pages
local Prose = {}
Prose.__index = Prose

-- The name of an entry without the module's prefix.
function Prose.short(name)
  return (name:gsub("^bsdsocket%.", ""))
end

-- Splits a text at a separator, except inside brackets and quotes.
function Prose.split(text, separator)
  local parts, start, place = {}, 1, 1
  while place <= #text do
    local char = text:sub(place, place)
    if text:sub(place, place + #separator - 1) == separator then
      parts[#parts + 1] = text:sub(start, place - 1)
      start = place + #separator
      place = start
    else
      place = text:match("^%b()()", place)
        or text:match("^%b<>()", place)
        or char == '"' and text:match('^"[^"]*"()', place)
        or char == "`" and text:match("^`[^`]*`()", place)
        or place + 1
    end
  end
  parts[#parts + 1] = text:sub(start)
  return parts
end

-- A link to an entry, by its full name.
function Prose:link(name)
  local target = self.names[name]
  return target and ("[%s](%s)"):format(Prose.short(name), target) or "`" .. name .. "`"
end

-- A type as text.
function Prose:type(type)
  if type:find "^fun%(" then
    return "`" .. type .. "`"
  end
  local words = {}
  for _, part in ipairs(Prose.split(type, "|")) do
    local element, optional = part:match "^(.-)%[%]$", part:match "^(.-)%?$"
    local inner = part:match "^%((.*)%)$"
    if inner then
      words[#words + 1] = "(" .. self:type(inner) .. ")"
    elseif element then
      words[#words + 1] = "sequence of " .. self:type(element)
    elseif optional then
      words[#words + 1] = self:type(optional) .. " or nil"
    elseif part:find "^bsdsocket" then
      words[#words + 1] = self:link(part)
    elseif part:find "^%l+$" then
      words[#words + 1] = part
    else
      words[#words + 1] = "`" .. part .. "`"
    end
  end
  return table.concat(words, " or ")
end

-- The classes of the modules, by the names that their functions have in a text.
---@type table<string, string?>
local MODULES = { socket = "bsdsocket", tasks = "bsdsocket.tasks", selectors = "bsdsocket.selectors" }

-- Turns the names of functions in a text into links: those of a module behind its name (`tasks.sleep`), and without it
-- the functions of the class that the text is about, and the methods of sockets. A name alone is none of the modules
-- tasks and selectors, where `timeout` is a code and `pcall` Lua's function.
function Prose:prose(text, class)
  local own = (class == MODULES.tasks or class == MODULES.selectors) and {} or self.functions[class] or {}
  text = text:gsub("`([%w_.]+)`", function(name)
    local module, member = name:match "^(%l+)%.([%w_]+)$"
    local functions = self.functions[MODULES[module or ""] or ""]
    local target = functions and functions[member]
      or not functions and (own[name] or self.functions["bsdsocket.Socket"][name])
      or self.names[name]
    return target and ("[`%s`](%s)"):format(Prose.short(name), target)
  end)
  return (text:gsub("the wait errors", "the [wait errors](socket.md)"))
end

-- A list item: name, type and description.
function Prose:item(name, type, optional, text, class)
  local words = self:prose(table.concat(text, "\n  "), class)
  local label = (name and "`" .. name .. "`" or "")
  local details = type and self:type(type) .. (optional and ", optional" or "")
  details = details and (name and " (" .. details .. ")" or details) or ""
  return "- " .. label .. details .. (words ~= "" and ": " .. words or "") .. "\n"
end

-- The paragraphs of a text, with examples as code blocks. Those that begin with a bold word are returned separately.
function Prose:paragraphs(lines, class)
  local paragraphs, marked = {}, {}
  for _, block in ipairs(entries.blocks(lines)) do
    local text = table.concat(block.lines, "\n")
    local mark, rest = text:match "^%*%*(%u%l+)%*%* (.*)$"
    if block.code then
      paragraphs[#paragraphs + 1] = "```lua\n" .. text .. "\n```\n"
    elseif mark then
      marked[mark] = rest
    else
      paragraphs[#paragraphs + 1] = self:prose(text, class) .. "\n"
    end
  end
  return paragraphs, marked
end

return Prose
