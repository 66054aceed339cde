-- A peer: one end of a connection, or a datagram socket, that a test controls.

---@type fun(name: string): any
local use = ...

local failure, hexdump, matchers, scope = use "failure", use "hexdump", use "matchers", use "scope"
local tasks, transcript, values = use "tasks", use "transcript", use "values"

local format, sub = string.format, string.sub
local pack, unpack = values.pack, values.unpack

-- The most bytes that are received before they are expected.
local MOST = 16 * 1024 * 1024

local Peer = {}
Peer.__index = Peer

local peer = {}

-- A peer over a channel.
function peer.new(over, name)
  local own, other = over:addresses()
  local self = setmetatable({
    name = name,
    channel = over,
    socket = over.socket,
    buffer = "",
    pieces = {},
    unread = 0,
    consumed = 0,
    record = transcript.new(),
    own = own,
    other = other,
    began = tasks.now(),
  }, Peer)
  scope.add_peer(self)
  return self
end

-- A peer that the test itself plays: it is closed when the body of the test has ended.
function peer.of_test(over, name)
  local self = peer.new(over, name)
  self.of_test, self.connects = true, true
  return self
end

-- Raises a failure of this peer.
local function fail(self, text)
  text = failure.position() .. self.name .. " " .. text
  self.failure = self.failure or text
  scope.fail(text .. self.record:text())
end

local function check_open(self, method)
  if getmetatable(self) ~= Peer then
    failure.misuse(method .. ": call it with a colon, peer:" .. method)
  elseif self.closed then
    failure.misuse(format("%s: the peer '%s' is %s", method, self.name, self.closed))
  end
end

local function deadline_of(seconds, method)
  if seconds ~= nil then
    failure.check_number(seconds, method .. ": seconds", 0)
  end
  return scope.deadline(seconds)
end

-- Receives once, a piece of a stream: "more", "EOF", "RESET", or nothing with the code of a failure.
local function receive(self, deadline)
  local bytes, message, code = self.channel:receive(deadline)
  if self.channel.datagrams and bytes then
    self.from = self.channel.from
    self.record:add("←", bytes, nil, self.from)
    self.datagram = bytes
    return "more"
  elseif bytes == "" then
    self.ended = "EOF"
    self.record:add("←", nil, "end of the stream")
  elseif bytes then
    self.unread = self.unread + #bytes
    if self.unread > MOST then
      fail(self, format("received more than %d bytes that nothing expects", MOST))
    end
    self.record:add("←", bytes)
    self.pieces[#self.pieces + 1] = bytes
    return "more"
  elseif code == "ECONNRESET" and not self.channel.datagrams then
    self.ended = "RESET"
    self.record:add("←", nil, "reset")
  else
    return nil, message, code
  end
  return self.ended
end

-- Receives until there are so many bytes, but once at least. They are put together in the end only, which would take
-- long for each piece of many.
local function receive_all(self, deadline, size)
  local outcome, message, code
  repeat
    outcome, message, code = receive(self, deadline)
  until outcome ~= "more" or self.unread >= size
  self.buffer = self.buffer .. table.concat(self.pieces)
  self.pieces = {}
  return outcome, message, code
end

-- Why nothing more was received.
local REASONS = { EOF = "the stream ended", RESET = "the connection was reset", timeout = "nothing more came in time" }

-- Fails an expectation: with dumps of what was expected and of what was received.
local function fail_expectation(self, matcher, reason, bytes, place, expected)
  local lines = { "expected " .. matcher.description }
  if self.channel.datagrams then
    lines[2] = "  " .. reason
  else
    lines[2] = format("  %s, at byte %d of the stream", reason, self.consumed + 1)
  end
  place = place or #bytes + 1
  if expected then
    lines[#lines + 1] = format("  expected (%d bytes):", #expected)
    lines[#lines + 1] = hexdump.marked(expected, place, "    ")
  end
  lines[#lines + 1] = format("  received (%d bytes):", #bytes)
  lines[#lines + 1] = hexdump.marked(bytes, place, "    ")
  fail(self, table.concat(lines, "\n"))
end

-- Why a wait failed, and what a matcher that saw these bytes expected of them.
local function fail_wait(self, matcher, what, bytes, message, code)
  local reason = REASONS[code] or message or code
  fail_expectation(self, matcher, reason, bytes, nil, type(what) == "string" and what or nil)
end

local function expect_datagram(self, matcher, what, deadline)
  local outcome, message, code = receive(self, deadline)
  if not outcome then
    return fail_wait(self, matcher, what, "", message, code)
  end
  local bytes = self.datagram
  local found = pack(matcher.match(bytes, "EOF"))
  local size, expected = found[1], type(what) == "string" and what or nil
  if size == false then
    fail_expectation(self, matcher, found[2], bytes, found[3], found[4])
  elseif not size then
    fail_expectation(self, matcher, "the datagram is too short", bytes, nil, expected)
  elseif size < #bytes then
    fail_expectation(self, matcher, format("byte %d differs", size + 1), bytes, size + 1, expected)
  end
  return unpack(found, 2, found.n)
end

-- Waits for what is expected, and returns its results. A wrong byte fails at once.
function Peer:expect(what, seconds)
  check_open(self, "expect")
  local matcher, deadline = matchers.of(what), deadline_of(seconds, "expect")
  if self.channel.datagrams then
    return expect_datagram(self, matcher, what, deadline)
  end
  while true do
    local found = pack(matcher.match(self.buffer, self.ended))
    if found[1] then
      self.buffer = sub(self.buffer, found[1] + 1)
      self.consumed, self.unread = self.consumed + found[1], self.unread - found[1]
      return unpack(found, 2, found.n)
    elseif found[1] == false then
      fail_expectation(self, matcher, found[2], self.buffer, found[3], found[4])
    end
    local outcome, message, code = self.ended, nil, nil
    if not outcome then
      outcome, message, code = receive_all(self, deadline, matcher.size or 0)
    elseif found[1] == nil then
      outcome, code = nil, outcome
    end
    if not outcome then
      fail_wait(self, matcher, what, self.buffer, message, code)
    end
  end
end

-- Waits for a time, and fails if anything arrives.
function Peer:expect_silence(seconds)
  check_open(self, "expect_silence")
  failure.check_number(seconds, "expect_silence: seconds", 0)
  local text = format("expected silence for %g s", seconds)
  if #self.buffer == 0 and not self.ended then
    local outcome, message, code = receive_all(self, scope.deadline(seconds), 0)
    if code == "timeout" then
      return true
    elseif not outcome then
      fail(self, text .. "\n  " .. (message or code))
    end
  end
  local bytes = self.channel.datagrams and self.datagram or self.buffer
  if #bytes == 0 then
    fail(self, text .. "\n  " .. REASONS[self.ended])
  end
  fail(self, format("%s\n  received (%d bytes):\n%s", text, #bytes, hexdump.marked(bytes, 1, "    ")))
end

-- Sends all bytes: of datagrams, to the sender of the last one if the socket is not connected.
function Peer:send(bytes)
  check_open(self, "send")
  failure.check(bytes, "string", "send")
  local to = self.channel.datagrams and not self.other and self.from or nil
  if self.channel.datagrams and not self.other and not to then
    failure.misuse(format("send: nobody has sent to '%s' yet", self.name))
  end
  local ok, message, code = self.channel:send(bytes, scope.deadline(), to)
  if not ok then
    fail(self, format("could not send %s\n  %s", hexdump.quote(bytes, 60), message or code))
  end
  self.record:add("→", bytes, nil, to)
  return true
end

-- Sends in pieces of a size, with a pause after each.
function Peer:send_slowly(bytes, size, pause)
  check_open(self, "send_slowly")
  failure.check(bytes, "string", "send_slowly")
  size = failure.check_number(size or 1, "send_slowly: size", 1, true)
  pause = failure.check_number(pause or 0.001, "send_slowly: pause", 0)
  for place = 1, #bytes, size do
    self:send(sub(bytes, place, place + size - 1))
    tasks.sleep(pause)
  end
  return true
end

function Peer:sleep(seconds)
  check_open(self, "sleep")
  failure.check_number(seconds, "sleep: seconds", 0)
  return tasks.sleep(seconds)
end

-- Shuts down sending; the other end receives the end of the stream.
function Peer:shutdown()
  check_open(self, "shutdown")
  local ok, message, code = self.channel:shutdown()
  if not ok then
    fail(self, "could not shut down\n  " .. (message or code))
  end
  self.record:add("→", nil, "end of the stream")
  return true
end

function Peer:close()
  if not self.closed then
    self.closed = "closed"
    self.channel:close()
    self.record:add("→", nil, "closed")
  end
  return true
end

-- Closes with a reset.
function Peer:reset()
  check_open(self, "reset")
  local ok, message, code = self.channel:reset()
  if not ok then
    fail(self, "could not reset\n  " .. (message or code))
  end
  self.closed = "closed"
  self.record:add("→", nil, "reset")
  return true
end

function Peer:transcript()
  return (self.record:text():gsub("^\n  transcript:\n", ""))
end

-- Shuts down sending after a script. Returns a function that reads what the other end still sends, so that it gets no
-- reset, and then closes.
function peer.finish(self)
  local open = not self.closed and not self.channel.datagrams and self.channel:shutdown()
  if open then
    self.record:add("→", nil, "end of the stream")
  end
  return function()
    while open and not self.closed and not self.ended do
      local bytes = self.channel:receive(math.huge)
      if not bytes or bytes == "" then
        break
      end
    end
    peer.stop(self, "closed: its script has ended")
  end
end

-- Closes at once.
function peer.stop(self, why)
  if not self.closed then
    self.closed = why
    self.channel:close()
  end
end

return peer
