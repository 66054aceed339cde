-- The faults of datagrams, named as tc-netem names them. `start` makes a function for one direction of one client. It
-- gets a datagram, its number, counted from 1 in the order of arrival, and a function that forwards it.

---@type fun(name: string): any
local use = ...

local tasks = use "tasks"

local byte, char, sub = string.byte, string.char, string.sub

-- The seconds after which a held-back datagram is forwarded if no other one arrives.
local HELD = 0.05

local kinds = {}

-- A fault of some of the datagrams: by their numbers, or a percentage.
local function fault(name, options, act)
  options.numbers, options.percent = "numbers", false
  kinds[name] = {
    options = options,
    start = function(given, place)
      local act_on = act(given, place)
      return function(bytes, number, emit)
        local chosen = true
        if given.numbers then
          chosen = given.numbers[number]
        elseif given.percent then
          chosen = place.random(number)() * 100 < given.percent
        end
        if chosen then
          place.log(name .. ": datagram " .. number)
        end
        act_on(bytes, number, emit, chosen)
      end
    end,
  }
end

-- A fault that does the same to each datagram that it chooses, and forwards the others.
local function simple(act)
  return function(given, place)
    return function(bytes, number, emit, chosen)
      if chosen then
        act(given, place, bytes, emit, number)
      else
        emit(bytes)
      end
    end
  end
end

fault("loss", {}, simple(function() end))

fault(
  "duplicate",
  {},
  simple(function(_, _, bytes, emit)
    emit(bytes)
    emit(bytes)
  end)
)

fault(
  "truncate",
  { size = "number" },
  simple(function(given, _, bytes, emit)
    emit(sub(bytes, 1, given.size))
  end)
)

-- Inverts a byte.
fault(
  "corrupt",
  {},
  simple(function(_, place, bytes, emit, number)
    if #bytes > 0 then
      ---@type integer
      local offset = place.random(number, 1)(#bytes)
      bytes = sub(bytes, 1, offset - 1) .. char(255 - byte(bytes, offset)) .. sub(bytes, offset + 1)
    end
    emit(bytes)
  end)
)

fault(
  "delay",
  { delay = "number", jitter = 0 },
  simple(function(given, place, bytes, emit, number)
    local time = given.delay + given.jitter * (2 * place.random(number, 1)() - 1)
    place.background(function()
      tasks.sleep(time)
      emit(bytes)
    end)
  end)
)

-- Swaps a datagram with the next one.
fault("reorder", {}, function(_, place)
  ---@type table?
  local held
  return function(bytes, _, emit, chosen)
    local before = held
    if chosen and not before then
      ---@type { bytes: string, waits: boolean }
      local own = { bytes = bytes, waits = true }
      held = own
      place.background(function()
        tasks.sleep(HELD)
        if own.waits then
          held = nil
          emit(own.bytes)
        end
      end)
      return
    end
    held = nil
    emit(bytes)
    if before then
      before.waits = false
      emit(before.bytes)
    end
  end
end)

return kinds
