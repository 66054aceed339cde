-- Writes a section of the types file as a page in Markdown.

local Prose = require "types.prose"
local short, split = Prose.short, Prose.split

---@class types.Page: types.Prose
local Page = setmetatable({}, Prose)
Page.__index = Page

local ORIGIN = "<!-- Made by `make docs` from types and src/constants. -->\n"

-- What stands before a method's colon, where it is not the name of the class in small letters.
local RECEIVERS = { ["bsdsocket.Socket"] = "s", bsdsocket = "socket" }

-- The file of a section's page.
local function file(section)
  return section.name:lower() .. ".md"
end

-- The class that a section is about: the one that has functions.
local function subject(section)
  for _, entry in ipairs(section.entries) do
    if #entry.functions > 0 then
      return entry
    end
  end
end

-- How a function is called: what may be left out stands in brackets.
local function signature(fun, receiver)
  local required, names = 0, {}
  for place, param in ipairs(fun.param) do
    names[place] = param.name
    required = param.optional and required or place
  end
  local text = table.concat(names, ", ", 1, required)
  for place = required + 1, #names do
    text = text .. (place > 1 and " [, " or "[") .. names[place]
  end
  return receiver .. fun.name .. "(" .. text .. ("]"):rep(#names - required) .. ")\n"
end

-- The results, and whether the last of them tell of a failure only, as in most functions.
local function results(fun)
  local list, fails = {}, false
  for _, result in ipairs(fun["return"]) do
    fails = fails or result.type:find "^bsdsocket%.Code%??$" ~= nil
  end
  for place, result in ipairs(fun["return"]) do
    local plain = result.text[1] == "" and (result.name == "message" or result.name == "code")
    if not (fails and plain) then
      local type = fails and place == 1 and result.type:match "^(.*)%?$" or result.type
      list[#list + 1] = { name = type ~= "true" and result.name or nil, type = type, text = result.text }
    end
  end
  return list, fails
end

-- A function, with its heading.
function Page:describe(fun, class)
  local out = {}
  local function add(...)
    for n = 1, select("#", ...) do
      out[#out + 1] = (select(n, ...))
    end
  end
  local receiver = (RECEIVERS[class] or short(class):lower()) .. (fun.method and ":" or ".")
  local paragraphs, marked = self:paragraphs(fun.text, class)

  add("## ", fun.name, "\n\n```lua\n", signature(fun, receiver))
  local known, params = {}, {}
  for _, param in ipairs(fun.param) do
    known[param.name] = true
    params[#params + 1] = self:item(param.name, param.type, param.optional, param.text, class)
  end
  for _, overload in ipairs(fun.overload) do
    local names = {}
    for _, param in ipairs(split(overload.type:match "^fun(%b())":sub(2, -2), ", ")) do
      local name, type = param:match "^([%w_.]+)%??: (.*)$"
      names[#names + 1] = name ~= "self" and name or nil
      if name ~= "self" and not known[name] then
        params[#params + 1] = self:item(name, type, false, {}, class)
      end
    end
    add(receiver, fun.name, "(", table.concat(names, ", "), ")\n")
  end
  add("```\n\n", table.concat(paragraphs, "\n"))
  if #params > 0 then
    add("\n**Parameters**\n\n", table.concat(params))
  end
  local list, fails = results(fun)
  add("\n**Results**\n\n")
  for _, result in ipairs(list) do
    add(self:item(result.name, result.type, false, result.text, class))
  end
  if fails then
    add("- in case of failure `nil`, a message and a ", self:link "bsdsocket.Code", "\n")
  end
  if marked.Errors then
    add("\n**Errors**\n\n")
    for _, case in ipairs(split(marked.Errors:gsub("\n", " "), "; ")) do
      add("- ", self:prose(case, class), "\n")
    end
  end
  add("\n**Available** ", (marked.Available or ""):gsub("\n", " "), "\n\n")
  return table.concat(out)
end

-- The fields of a class: a table where they have places and names, else a list.
function Page:fields(entry)
  local out, places, names = {}, {}, {}
  for _, field in ipairs(entry.field) do
    local list = field.name:find "^%[%d" and places or names
    list[#list + 1] = field
  end
  if #places > 0 then
    out[1] = "| place | name | type | |\n| --- | --- | --- | --- |\n"
    for n, place in ipairs(places) do
      local type = self:type(place.type) .. (place.optional and ", optional" or "")
      local text = self:prose(table.concat(place.text, " "), entry.name)
      out[#out + 1] = ("| `%s` | `%s` | %s | %s |\n"):format(place.name, names[n].name, type, text)
    end
  else
    for _, field in ipairs(names) do
      out[#out + 1] = self:item(field.name, field.type, field.optional, field.text, entry.name)
    end
  end
  return table.concat(out)
end

-- A class or an alias, without its functions.
function Page:entry(entry)
  local parts = { (table.concat((self:paragraphs(entry.text, entry.name)), "\n")) }
  if entry.type ~= "" then
    parts[#parts + 1] = "**Type** "
      .. self:type(entry.type)
      .. (entry.kind == "class" and ", with more fields:" or "")
      .. "\n"
  end
  local choices = {}
  for _, choice in ipairs(entry.choices) do
    choices[#choices + 1] = self:item(nil, choice.type, false, choice.text, entry.name)
  end
  if #choices > 0 then
    parts[#parts + 1] = table.concat(choices)
  end
  if #entry.field > 0 then
    parts[#parts + 1] = self:fields(entry)
  end
  return table.concat(parts, "\n") .. "\n"
end

-- The links to everything in a section, whose page is at a path.
local function contents(section, path)
  local list, class = {}, subject(section)
  for _, fun in ipairs(class and class.functions or {}) do
    list[#list + 1] = ("[%s](%s#%s)"):format(fun.name, path, fun.name:lower())
  end
  for _, entry in ipairs(section.entries) do
    if entry ~= class then
      list[#list + 1] = ("[%s](%s#%s)"):format(short(entry.name), path, short(entry.name):lower())
    end
  end
  return #list > 0 and table.concat(list, " ·\n") .. "\n\n" or ""
end

-- A page: the file and its text. What is found elsewhere may be added.
function Page:page(section, ...)
  local class = subject(section)
  local out = { ORIGIN, "\n", self.navigation, "\n\n# ", section.name, "\n\n" }
  if #section.text > 0 then
    out[#out + 1] = table.concat((self:paragraphs(section.text)), "\n") .. "\n"
  end
  out[#out + 1] = class and self:entry(class) or ""
  out[#out + 1] = contents(section, "")
  for _, fun in ipairs(class and class.functions or {}) do
    out[#out + 1] = self:describe(fun, class.name)
  end
  for _, entry in ipairs(section.entries) do
    if entry ~= class then
      out[#out + 1] = "## " .. short(entry.name) .. "\n\n" .. self:entry(entry)
    end
  end
  for n = 1, select("#", ...) do
    out[#out + 1] = (select(n, ...))
  end
  return file(section), table.concat(out):gsub("\n+$", "\n") .. ""
end

-- The page that leads to the others, which are given as names and their texts.
function Page.index(sections)
  local out = { ORIGIN, "\n# Reference\n\n" }
  for _, section in ipairs(sections) do
    out[#out + 1] = ("## [%s](%s)\n\n"):format(section.name, file(section)) .. contents(section, file(section))
  end
  return table.concat(out)
end

-- What pages of these sections need to know of each other.
return function(sections)
  local page, pages = setmetatable({ names = {}, functions = {} }, Page), { "[Reference](README.md)" }
  for _, section in ipairs(sections) do
    pages[#pages + 1] = ("[%s](%s)"):format(section.name, file(section))
    local class = subject(section)
    for _, entry in ipairs(section.entries) do
      page.names[entry.name] = file(section) .. (entry == class and "" or "#" .. short(entry.name):lower())
      page.functions[entry.name] = {}
      for _, fun in ipairs(entry.functions) do
        page.functions[entry.name][fun.name] = file(section) .. "#" .. fun.name:lower()
      end
    end
  end
  page.navigation = table.concat(pages, " · ")
  return page
end
