-- Random choices that are reproducible from a seed, on every Lua.

local Random = {}
Random.__index = Random

-- A multiplicative generator whose products a double holds exactly.
local FACTOR, MODULUS = 48271, 2147483647

-- A generator for one round of a seed.
function Random.new(seed, round)
  local random = setmetatable({ state = (seed * 7919 + round * 104729) % (MODULUS - 1) + 1 }, Random)
  for _ = 1, 8 do
    random:below(2)
  end
  return random
end

-- An integer from 0 to `limit - 1`.
function Random:below(limit)
  self.state = self.state * FACTOR % MODULUS
  return math.floor(self.state / MODULUS * limit)
end

-- True with a probability of 1 in `times`.
function Random:once_in(times)
  return self:below(times) == 0
end

-- A random element of a sequence, or nil if it is empty.
function Random:of(sequence)
  return sequence[self:below(#sequence) + 1]
end

return Random
