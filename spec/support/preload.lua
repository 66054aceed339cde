-- C libraries that a child process preloads (LD_PRELOAD) to replace system functions.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local temporary = require "spec.support.temporary"

local preload = {}

-- The path of a library compiled from C; if there is no compiler, prints the reason and returns nil.
function preload.build(source, what)
  if not child.has "cc" then
    skip(what .. ": there is no C compiler")
    return nil
  end
  local input, library = temporary.file(source), temporary.path()
  local complaints = child.output(("cc -shared -fPIC -x c -o %s %s 2>&1"):format(library, input))
  temporary.remove(input)
  assert(complaints == "", complaints)
  return library
end

-- Starts a Lua program with the library preloaded.
function preload.start(library, program)
  return child.lua(program, { environment = "LD_PRELOAD=" .. library })
end

-- Runs a Lua program with the library preloaded to completion; returns its standard output and standard error.
function preload.run(library, program)
  return preload.start(library, program):finish()
end

return preload
