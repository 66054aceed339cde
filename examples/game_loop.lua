-- A game with sixty frames a second, in which any number of players move: a task for each of them.
--
--     lua examples/game_loop.lua [PLAYERS [SECONDS]]
--
-- Each frame calls `tasks.step(0)`, which runs what is ready and never waits. The players are tasks too, of a second
-- process; they come one after the other, and each makes ten moves a second and waits for the answer. It prints how
-- long the steps took.

local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local FRAME = 1 / 60

-- The players: connects to a port, moves until the time is over, prints how many answers came.
local function play(port, players, seconds)
  tasks.run(function()
    local finish, answers = tasks.now() + seconds, 0
    tasks.group(function(group)
      for n = 1, players do
        group:spawn(function()
          assert(tasks.sleep(n / players * seconds / 4))
          local connection = assert(socket.create_connection { "127.0.0.1", port })
          local stream = assert(connection:makefile "rw")
          while tasks.now() < finish do
            assert(assert(stream:write("move ", n, "\n")):flush())
            assert(stream:read "l")
            answers = answers + 1
            assert(tasks.sleep(0.1))
          end
          connection:close()
        end)
      end
    end)
    print(answers)
  end)
end

if arg[1] == "play" then
  return play(tonumber(arg[2]), assert(tonumber(arg[3])), assert(tonumber(arg[4])))
end

local players, seconds = tonumber(arg[1]) or 1000, tonumber(arg[2]) or 5
local listener = assert(socket.create_server { "127.0.0.1", 0 })
local frame, moves, playing = 0, 0, 0

-- What one player does: each line is a move, the answer is the frame in which it came.
local function serve(connection)
  local stream = assert(connection:makefile "rw")
  playing = playing + 1
  while stream:read "l" do
    moves = moves + 1
    if not stream:write(frame, "\n") or not stream:flush() then
      break
    end
  end
  playing = playing - 1
  connection:close()
end

local accepting = tasks.spawn(function()
  local connection = listener:accept()
  while connection do
    tasks.spawn(serve, connection)
    connection = listener:accept()
  end
end)

local port = assert(listener:getsockname()).port
local output = io.popen(table.concat({ arg[-1], arg[0], "play", port, players, seconds }, " "))

local times, most = {}, 0
local start = tasks.now()
repeat
  frame = frame + 1
  local before = tasks.now()
  tasks.step(0)
  times[frame] = tasks.now() - before
  most = math.max(most, playing)
  -- Here the game would move its figures and draw them.
  assert(tasks.sleep(math.max(start + frame * FRAME - tasks.now(), 0)))
until most > 0 and playing == 0
accepting:cancel()
tasks.step(0)

table.sort(times)
print(("%d players, %d moves answered, %d frames"):format(most, moves, frame))
print("answers that came", output:read "*l")
output:close()
print(
  ("a step took %.2f ms (median), %.2f ms (99 %%), %.2f ms (longest)"):format(
    times[math.ceil(#times / 2)] * 1000,
    times[math.ceil(#times * 0.99)] * 1000,
    times[#times] * 1000
  )
)
