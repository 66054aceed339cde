-- The faults of a stream, named as Toxiproxy names them. `start` makes an object for one direction of a connection:
-- `pass(bytes, emit, cut)` forwards bytes; `flush(emit)` forwards what it holds back, when nothing was received for a
-- while; `finish()` waits before the end of the stream is forwarded. Offsets count from the first byte that it gets.

---@type fun(name: string): any
local use = ...

local tasks = use "tasks"

local byte, char, format, sub = string.byte, string.char, string.format, string.sub
local floor, max = math.floor, math.max

local kinds = {}

local function wait_until(time)
  local left = time - tasks.now()
  if left > 0 then
    tasks.sleep(left)
  end
end

-- Delays each piece.
kinds.latency = { options = { latency = "number", jitter = 0 } }
function kinds.latency.start(fault, place)
  local offset = 0
  return {
    pass = function(bytes, emit, _, arrived)
      local shift = fault.jitter * (2 * place.random(offset)() - 1)
      offset = offset + #bytes
      wait_until(arrived + fault.latency + shift)
      emit(bytes)
    end,
  }
end

-- Limits the bytes a second.
kinds.bandwidth = { options = { rate = "count" } }
function kinds.bandwidth.start(fault)
  ---@type number, integer
  local due, size = 0, max(1, floor(fault.rate / 50))
  return {
    pass = function(bytes, emit)
      for first = 1, #bytes, size do
        local piece = sub(bytes, first, first + size - 1)
        due = max(due, tasks.now()) + #piece / fault.rate
        wait_until(due)
        emit(piece)
      end
    end,
  }
end

-- Pieces of `size` bytes, more or less by `variation`, with a delay after each. They do not depend on how the bytes
-- arrive, except at the end: bytes that nothing follows do not wait for a whole piece.
kinds.slicer = { options = { size = "count", variation = 0, delay = 0 } }
function kinds.slicer.start(fault, place)
  local kept, pieces = "", 0
  local function next_size()
    pieces = pieces + 1
    local shift = fault.variation * (2 * place.random(pieces)() - 1)
    return max(1, floor(fault.size + shift + 0.5))
  end
  local function pause()
    if fault.delay > 0 then
      tasks.sleep(fault.delay)
    else
      -- The receiver runs in between: it is woken in the first turn.
      tasks.yield()
      tasks.yield()
    end
  end
  local want = next_size()
  return {
    pass = function(bytes, emit)
      kept = kept .. bytes
      while #kept >= want do
        local piece = sub(kept, 1, want)
        kept, want = sub(kept, want + 1), next_size()
        emit(piece)
        pause()
      end
    end,
    flush = function(emit)
      if kept ~= "" then
        local piece = kept
        want, kept = want - #kept, ""
        emit(piece)
        pause()
      end
    end,
  }
end

-- Ends the stream after `bytes` bytes; with 0, when the first one arrives.
local function limited(fault, place)
  local left = fault.bytes
  local ended = false
  return {
    pass = function(bytes, emit, cut)
      if ended then
        return
      end
      local piece = sub(bytes, 1, left)
      left = left - #piece
      if piece ~= "" then
        emit(piece)
      end
      if left == 0 then
        ended = true
        place.log(format("cut after %d bytes by %s", fault.bytes, fault.how))
        cut(fault.how)
      end
    end,
  }
end

kinds.limit_data = { options = { bytes = "number", how = { "eof", "reset", "stall" } }, start = limited }
kinds.reset_peer = { options = { bytes = 0, how = { "reset" } }, start = limited }
kinds.timeout = { options = { bytes = 0, how = { "stall" } }, start = limited }

-- Delays the end of the stream.
kinds.slow_close = { options = { delay = "number" } }
function kinds.slow_close.start(fault)
  return {
    pass = function(bytes, emit)
      emit(bytes)
    end,
    finish = function()
      tasks.sleep(fault.delay)
    end,
  }
end

-- Inverts bytes: those at `offsets`, counted from 1, or one in `one_in`.
kinds.corrupt = { options = { offsets = "numbers", one_in = false } }
function kinds.corrupt.start(fault, place)
  local offset, random = 0, place.random()
  return {
    pass = function(bytes, emit)
      local parts, last = {}, 0
      for n = 1, #bytes do
        local wrong = fault.one_in and random() * fault.one_in < 1
        if wrong or fault.offsets and fault.offsets[offset + n] then
          place.log("corrupted byte " .. offset + n)
          parts[#parts + 1] = sub(bytes, last + 1, n - 1) .. char(255 - byte(bytes, n))
          last = n
        end
      end
      offset = offset + #bytes
      emit(table.concat(parts) .. sub(bytes, last + 1))
    end,
  }
end

return kinds
