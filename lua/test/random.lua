-- Random numbers that are the same on every Lua, whose `math.random` differ.

---@type fun(name: string): any
local use = ...

local failure = use "failure"

local floor = math.floor

-- The generator of Park and Miller: its products are exact in a number of 53 bits.
local FACTOR, MODULUS = 48271, 2147483647

local random = {}

local function advance(state)
  return state * FACTOR % MODULUS
end

-- A function like `math.random`. Numbers after the seed choose among the generators of a seed.
function random.new(seed, ...)
  failure.check_number(seed, "random: seed", -math.huge, true)
  local state = seed % (MODULUS - 1) + 1
  for n = 1, select("#", ...) do
    state = (advance(advance(state)) + select(n, ...)) % (MODULUS - 1) + 1
  end
  state = advance(advance(advance(state)))
  return function(low, high)
    state = advance(state)
    if not low then
      return (state - 1) / (MODULUS - 1)
    elseif not high then
      low, high = 1, low
    end
    return low + floor((state - 1) / (MODULUS - 1) * (high - low + 1))
  end
end

return random
