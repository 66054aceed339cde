-- Libraries in C that a child has loaded before all others, so that they stand between it and the system.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local temporary = require "spec.support.temporary"

local preload = {}

-- The path of a library made of C; nil, with the reason printed, where there is no compiler.
function preload.build(source, what)
  if not child.has "cc" then
    skip(what .. ", for there is no C compiler")
    return nil
  end
  local input, library = temporary.file(source), temporary.path()
  local complaints = child.output(("cc -shared -fPIC -x c -o %s %s 2>&1"):format(library, input))
  temporary.remove(input)
  assert(complaints == "", complaints)
  return library
end

-- Starts a Lua program that has the library.
function preload.start(library, program)
  return child.lua(program, { environment = "LD_PRELOAD=" .. library })
end

-- Runs a Lua program that has the library to its end: what it printed, and what it complained.
function preload.run(library, program)
  return preload.start(library, program):finish()
end

return preload
