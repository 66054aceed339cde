-- sendfile.

local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"

-- Checks that the file is positioned after the bytes that were sent.
local function file_check(it, case, sent, _, _, told)
  local count = sent or told
  fixtures.same_bytes(fixtures.TEXT:sub(1, count), fixtures.arrived(it.other))
  -- If the file position could not be set, it is unchanged.
  if not case.met.fseeko and not case.met.ftello then
    fixtures.same_bytes(fixtures.TEXT:sub(count + 1), it.file:read "*a" or "")
  end
end

scenario "sendfile" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = fixtures.pair(timeout)
    it.file = assert(io.tmpfile())
    it.file:write(fixtures.TEXT)
    it.file:seek "set"
    return it
  end,
  act = function(it)
    return it.one:sendfile(it.file)
  end,
  check = file_check,
}

scenario "sendfile" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = fixtures.pair(timeout)
    it.file = assert(io.popen("printf %s '" .. fixtures.TEXT .. "'"))
    return it
  end,
  act = function(it)
    return it.one:sendfile(it.file)
  end,
  check = file_check,
}
