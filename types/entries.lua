-- Parses a types file: its sections, and the documentation of their classes and aliases.

---A line with an `@`: a parameter, a result or a field; the choice of an alias has only type and text.
---@class types.Item
---@field name? string
---@field type string
---@field optional? boolean
---@field text string[]

---A class, an alias or a function.
---@class types.Entry
---@field kind? "class"|"alias"
---@field name string
---@field type? string the parent of a class, the type of an alias
---@field text string[] the lines without an `@`
---@field choices types.Item[] of an alias
---@field field types.Item[]
---@field param types.Item[]
---@field return types.Item[]
---@field overload types.Item[]
---@field functions types.Entry[] of a class
---@field method? boolean whether a function is called with a colon
---@field parameters? string the names of a function's parameters, in parentheses

---@class types.Section
---@field name string
---@field text string[] the comment below the heading
---@field entries types.Entry[]

-- The end of the type at a position: the next space, except inside brackets and after `:`, `,` and `|`.
local function type_end(text, place)
  while true do
    local char = text:sub(place, place)
    if char:find "[(<{]" then
      place = text:match(char == "(" and "^%b()()" or char == "<" and "^%b<>()" or "^%b{}()", place)
    elseif char == '"' then
      place = text:match('^"[^"]*"()', place)
    elseif char:find "[:,|]" then
      place = text:match("^. *()", place)
    elseif char == "" or char == " " then
      return place
    else
      place = place + 1
    end
  end
end

-- Splits a type from the description after it.
local function read_type(text)
  local place = type_end(text, 1)
  return text:sub(1, place - 1), text:sub(place):match "^ *(.*)$"
end

local entries = {}

---@type table<string, fun(text: string): types.Item>
local READERS = {}

function READERS.param(text)
  local name, optional, rest = text:match "^(%S-)(%??) (.*)$"
  local type, words = read_type(rest)
  return { name = name, optional = optional ~= "", type = type, text = { words } }
end

function READERS.field(text)
  local name, optional, rest = text:match "^(%b[])(%??) (.*)$"
  if not name then
    name, optional, rest = text:match "^(%S-)(%??) (.*)$"
  end
  local type, words = read_type(rest)
  return { name = name, optional = optional ~= "", type = type, text = { words } }
end

READERS["return"] = function(text)
  local type, words = read_type(text)
  local name, rest = words:match "^([%w_.]+) *(.*)$"
  return { name = name, type = type, text = { rest or "" } }
end

function READERS.overload(text)
  return { type = text, text = {} }
end

---Parses a block of lines after `---`.
---@param lines string[]
---@return types.Entry
local function read_block(lines)
  ---@type types.Entry
  local block =
    { name = "", text = {}, choices = {}, param = {}, field = {}, ["return"] = {}, overload = {}, functions = {} }
  -- The text to which a line without `@` is added.
  local text = block.text
  for _, line in ipairs(lines) do
    local tag, rest = line:match "^@(%w+) ?(.*)$"
    local choice, meaning = line:match "^| (%S+) ?#? ?(.*)$"
    if READERS[tag] then
      local item = READERS[tag](rest)
      table.insert(block[tag], item)
      text = item.text
    elseif tag == "class" or tag == "alias" then
      block.kind = tag
      block.name, block.type = (rest or ""):match "^([%w_.]+):? ?(.*)$"
    elseif choice and block.kind == "alias" then
      table.insert(block.choices, { type = choice, text = { meaning } })
    elseif not tag then
      table.insert(text, line)
    end
  end
  return block
end

---The sections of a types file.
---@param path string
---@return types.Section[]
function entries.read(path)
  local file = assert(io.open(path))
  local source = file:read "*a" .. "\n"
  file:close()

  ---@type types.Section[]
  local sections = {}
  ---@type types.Section
  local section = { name = "", text = {}, entries = {} }
  ---@type table<string, types.Entry?>
  local classes = {}
  ---@type types.Entry?
  local class
  local lines = {}

  for line in source:gmatch "(.-)\n" do
    local receiver, separator, name, parameters = line:match "^function (%w+)([.:])([%w_]+)(%b())"
    local variable, title = line:match "^local (%w+) = {}", line:match "^%-%- ── (.-) ─"
    if line:find "^%-%-%-" then
      lines[#lines + 1] = line:sub(4)
    else
      local block = read_block(lines)
      lines = {}
      if block.kind then
        class = block
        table.insert(section.entries, block)
      end
      if receiver then
        block.name, block.parameters, block.method = name, parameters, separator == ":"
        local owner = assert(classes[receiver], receiver .. " has no class")
        table.insert(owner.functions, block)
      elseif variable then
        classes[variable] = class
      elseif title then
        section = { name = title, text = {}, entries = {} }
        table.insert(sections, section)
      elseif line:find "^%-%-" and #section.entries == 0 then
        table.insert(section.text, line:sub(4))
      end
    end
  end
  return sections
end

---Reads the sections of all files that the reference is generated from.
---@return types.Section[]
function entries.all()
  local sections = {}
  for _, file in ipairs { "bsdsocket", "selectors", "tasks", "luasocket", "test" } do
    local path = ("types/%s.d.lua"):format(file)
    for _, section in ipairs(entries.read(path)) do
      sections[#sections + 1] = section
    end
  end
  return sections
end

---Splits a text into blocks of lines; indented ones are code.
---@param lines string[]
---@return { code: boolean, lines: string[] }[]
function entries.blocks(lines)
  local list, empty = {}, true
  for _, line in ipairs(lines) do
    local code, block = line:match "^    (.*)$", list[#list]
    if line ~= "" then
      if not block or block.code ~= (code ~= nil) or empty and not code then
        block = { code = code ~= nil, lines = {} }
        list[#list + 1] = block
      elseif empty then
        table.insert(block.lines, "")
      end
      table.insert(block.lines, code or line)
    end
    empty = line == ""
  end
  return list
end

return entries
