local child = require "spec.support.child"
local skip = require "spec.support.skip"
local system = require "spec.support.system"

-- The beginning of each program: an object that is older than the library is finalized after it, and prints the number
-- of sockets that are still open.
local PRELUDE = [[
  local function finalize(call)
    if newproxy then
      local object = newproxy(true)
      getmetatable(object).__gc = call
      return object
    end
    return setmetatable({}, { __gc = call })
  end

  local function sockets()
    local file = assert(io.open("/proc/self/stat"))
    local pipe = assert(io.popen("ls -l /proc/" .. file:read("*n") .. "/fd 2>/dev/null"))
    file:close()
    local _, count = pipe:read("*a"):gsub("socket:", "")
    pipe:close()
    return count
  end

  local last, kept, socket = nil, {}, nil
  local before = sockets()
  older = finalize(function()
    print(sockets() - before)
    if last then
      last()
    end
  end)
  socket = require "bsdsocket"

  local function keep(...)
    for n = 1, select("#", ...) do
      kept[#kept + 1] = assert((select(n, ...)))
    end
  end
]]

-- Runs a program whose last finalizer prints the number of open sockets.
local function run(source)
  local output, complaints, status = child.run(PRELUDE .. source)
  assert.same({ "", 0 }, { complaints, status })
  return output
end

if not system.linux then
  return skip "counting the descriptors after the end of a state, which needs Linux"
end

describe("closing a Lua state", function()
  for _, case in ipairs({
    { "sockets", "for _ = 1, 50 do keep(socket.socket()) end" },
    { "pairs", "for _ = 1, 50 do keep(socket.socketpair()) end" },
    { "duplicates", "local s = assert(socket.socket()) for _ = 1, 50 do keep(s:dup()) end" },
    {
      "connections",
      [[
        local server = assert(socket.create_server({ "127.0.0.1", 0 }))
        for _ = 1, 10 do
          keep(socket.create_connection(server:getsockname()), server:accept())
        end
      ]],
    },
    {
      "streams of closed sockets",
      [[
        for _ = 1, 10 do
          local s = assert(socket.socketpair())
          keep(s:makefile("rw", { encoding = "utf-8" }))
          s:close()
        end
      ]],
    },
    {
      "sockets created from descriptors",
      [[
        for _ = 1, 10 do
          keep(socket.socket({ fileno = assert(socket.socket()):detach() }))
        end
      ]],
    },
    {
      "sockets that are already closed",
      [[
        for _ = 1, 10 do
          local one, other = assert(socket.socketpair())
          assert(one:close() and socket.close(other:detach()))
          keep(one, other)
        end
      ]],
    },
  }) do
    it("closes " .. case[1] .. " that finalizers create", function()
      local source = "local function make() %s end\nmaker = finalize(make)\nmaker2 = finalize(make)"
      assert.equal("0\n", run(source:format(case[2])))
    end)

    it("closes " .. case[1] .. " that programs leave open", function()
      assert.equal("0\n", run(case[2]))
    end)
  end

  it("leaves objects closed, and prevents new ones", function()
    local output = run([[
      local one, other = assert(socket.socketpair())
      local stream, late = assert(one:makefile("r")), nil
      maker = finalize(function()
        late = assert(other:dup())
      end)
      function last()
        print(socket.type(one), socket.type(late), late:fileno())
        print(select(2, late:send("x")))
        print(select(2, stream:read("*l")))
        print(select(2, socket.socket()))
        print(select(2, socket.socketpair()))
        print(select(2, one:dup()))
        print(select(2, socket.fromfd(0, 1, 1)))
      end
    ]])
    local closing = "%s: the Lua state is closing\tECANCELED\n"
    assert.equal(
      "0\nclosed socket\tclosed socket\t-1\n"
        .. "send: Bad file descriptor\tEBADF\n"
        .. "read: Bad file descriptor\tEBADF\n"
        .. closing:format("socket")
        .. closing:format("socketpair")
        .. closing:format("dup")
        .. "fromfd: the Lua state is closing\tECANCELED\n",
      output
    )
  end)

  it("sends buffered data of streams as far as possible without waiting", function()
    assert.equal(
      "0\nlate\n",
      run([[
      local one, other = assert(socket.socketpair())
      assert(other:set_inheritable(true))
      local number = other:detach()
      maker = finalize(function()
        kept.stream = assert(one:dup()):makefile("w")
        assert(kept.stream:write("late"))
      end)
      before = before + 1
      function last()
        io.write(assert(io.popen("cat <&" .. number)):read("*a"), "\n")
      end
    ]])
    )
  end)
end)
