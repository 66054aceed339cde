-- A game server over UDP, with 60 ticks a second. A datagram of a player is a move, "dx dy"; at each tick the server
-- moves the figures and sends their places to all players. Who is silent for five seconds has left.
--
--     lua examples/game_server.lua [PORT [SECONDS]]

local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local TICK = 1 / 60
local SILENCE = 5

local server = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
assert(server:bind { "127.0.0.1", tonumber(arg[1]) or 50007 })
print("listening on", server:getsockname())
io.stdout:flush()

-- By address: the same sender's address is the same table.
local players, numbers = {}, 0

local function receive(data, from, now)
  local player = players[from]
  if not player then
    numbers = numbers + 1
    player = { number = numbers, x = 0, y = 0, dx = 0, dy = 0 }
    players[from] = player
    print("player", numbers, "from", from)
  end
  local dx, dy = data:match "^(-?[01]) (-?[01])$"
  player.dx, player.dy = tonumber(dx) or player.dx, tonumber(dy) or player.dy
  player.heard = now
end

local function tick(number, now)
  local places = { "tick " .. number }
  for address, player in pairs(players) do
    if now - player.heard > SILENCE then
      players[address] = nil
    end
    player.x, player.y = player.x + player.dx, player.y + player.dy
    places[#places + 1] = ("%d %d %d"):format(player.number, player.x, player.y)
  end
  local state = table.concat(places, "\n")
  for address in pairs(players) do
    -- A datagram that cannot be sent is lost; the next one comes at once.
    server:sendto(state, socket.MSG_DONTWAIT, address)
  end
end

local start = tasks.now()
local last = math.floor((tonumber(arg[2]) or math.huge) / TICK)
local number = 1
while number <= last do
  local now = tasks.now()
  local left = start + number * TICK - now
  if left > 0 then
    -- Receives until it is time for the next tick.
    server:settimeout(left)
    local data, from = server:recvfrom(1200)
    if data then
      receive(data, from, now)
    end
  else
    tick(number, now)
    number = number + 1
  end
end
server:close()
print(("%d ticks in %.2f seconds"):format(number - 1, tasks.now() - start))
