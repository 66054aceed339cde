-- Streams.

local fixtures = require "faults.fixtures"
local lua = require "spec.support.lua"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

-- A stream that reads a text and then end of stream.
local function reading(text, mode, options)
  return function(timeout)
    local it = fixtures.pair(timeout)
    assert(it.other:sendall(text))
    assert(it.other:shutdown(socket.SHUT_WR))
    it.stream = assert(it.one:makefile(mode or "r", options))
    return it
  end
end

local LINES = "first line\nsecond\n 1234.5 rest\nlast words\n"

-- The formats, the values read, and the options of the stream.
local READS = {
  { {}, { "first line" } },
  { { "*l" }, { "first line" }, { buffering = 0 } },
  { { 5 }, { "first" } },
  { { 17 }, { LINES:sub(1, 17) }, { buffering = 0 } },
  { { "*a" }, { LINES } },
  { { "*a" }, { LINES }, { encoding = "utf-8" } },
  { { "*l", "*l", "*n", 6, "*a" }, { "first line", "second", 1234.5, " rest\n", "last words\n" } },
  { { "*l", "*l", "*n", 6, "*a" }, { "first line", "second", 1234.5, " rest\n", "last words\n" }, { buffering = 0 } },
  { { "*l", "*l" }, { "first line", "second" }, { encoding = "latin-1", newline = "" } },
}

for _, entry in ipairs(READS) do
  local formats, values, options = entry[1], entry[2], entry[3]
  scenario "read" {
    timeouts = scenario.ANY,
    make = reading(LINES, "r", options),
    act = function(it)
      return it.stream:read(lua.unpack(formats))
    end,
    check = function(it, _, ...)
      local results = { ... }
      if results[1] == nil then
        -- The partial data is returned, and can be read again.
        local left = it.one:recv(100000, socket.MSG_PEEK + socket.MSG_DONTWAIT) or ""
        fixtures.same_bytes(LINES, results[4] .. left)
        it.one:settimeout(nil)
        results = { it.stream:read(lua.unpack(formats)) }
      end
      for n = 1, #values do
        fixtures.same(values[n], results[n], "value " .. n)
      end
    end,
  }
end

scenario "lines" {
  timeouts = scenario.ANY,
  make = function(timeout)
    local it = reading(LINES)(timeout)
    it.next = it.stream:lines()
    return it
  end,
  act = function(it)
    local done, line = tasks.pcall(it.next)
    if done then
      return line
    end
    return nil, line, "raised"
  end,
  check = function(it, _, line)
    it.one:settimeout(nil)
    fixtures.same("first line", line or it.next(), "line")
  end,
  outcome = function(case, fault)
    if case.in_task and (case.hooked or fault.of:find "^epoll") then
      return nil
    end
    local outcome = fault.outcome
    if type(outcome) == "function" then
      outcome = outcome(case, fault)
    end
    return outcome == true and not case.hooked or "raised"
  end,
}

local function writing(options, text)
  return function(timeout)
    local it = fixtures.pair(timeout)
    it.stream = assert(it.one:makefile("w", options))
    if text then
      assert(it.stream:write(text))
    end
    return it
  end
end

-- Checks that data that was not sent is sent later.
local function kept(it, _)
  it.one:settimeout(nil)
  assert(it.stream:flush())
  fixtures.same_bytes(fixtures.TEXT, fixtures.arrived(it.other))
end

-- Checks that the data sent is a prefix of the data written.
local function prefix(it, _, done)
  local text = fixtures.arrived(it.other)
  fixtures.same_bytes(fixtures.TEXT:sub(1, #text), text)
  if done then
    fixtures.same(#fixtures.TEXT, #text, "bytes")
  end
end

scenario "write" {
  timeouts = scenario.ANY,
  make = writing { buffering = 0 },
  act = function(it)
    return it.stream:write(fixtures.TEXT:sub(1, 1000), fixtures.TEXT:sub(1001))
  end,
  check = kept,
}

scenario "write" {
  timeouts = scenario.ANY,
  make = writing { buffering = 100, encoding = "utf-8", newline = "\r\n" },
  act = function(it)
    return it.stream:write(fixtures.TEXT)
  end,
  check = kept,
}

scenario "flush" {
  timeouts = scenario.ANY,
  make = writing({ buffering = 100000 }, fixtures.TEXT),
  act = function(it)
    return it.stream:flush()
  end,
  check = kept,
}

scenario "read" {
  timeouts = scenario.ANY,
  make = function(timeout)
    local it = reading(LINES, "rw", { buffering = 100000 })(timeout)
    assert(it.stream:write(fixtures.TEXT))
    return it
  end,
  act = function(it)
    return it.stream:read "*l"
  end,
  check = function(it, _, line)
    it.one:settimeout(nil)
    fixtures.same("first line", line or it.stream:read "*l", "line")
    fixtures.same_bytes(fixtures.TEXT, fixtures.arrived(it.other))
  end,
}

scenario "close" {
  timeouts = scenario.ANY,
  make = function(timeout)
    local it = writing({ buffering = 100000 }, fixtures.TEXT)(timeout)
    it.one:close()
    return it
  end,
  act = function(it)
    return it.stream:close()
  end,
  check = function(it, case, done)
    prefix(it, case, done)
    fixtures.same("", it.other:recv(1), "the end of the stream")
  end,
}

scenario "stream __gc" {
  collects = true,
  make = writing({ buffering = 100000 }, fixtures.TEXT),
  act = function(it)
    it.stream, it.one = nil, nil
    fixtures.collect()
    return true
  end,
  check = function(it)
    prefix(it)
    fixtures.same("", it.other:recv(1), "the end of the stream")
  end,
  outcome = fixtures.absorbs,
}
