-- Programs in the documentation.

local temporary = require "spec.support.temporary"

local document = {}

-- The first program below a heading.
function document.program(path, heading)
  local text = temporary.read(path)
  local _, last = text:find("\n##+ " .. heading:gsub("%p", "%%%0") .. "\n")
  assert(last, ("%s has no heading %q"):format(path, heading))
  return (assert(text:match("\n```lua\n(.-)```\n", last), "no program there"))
end

return document
