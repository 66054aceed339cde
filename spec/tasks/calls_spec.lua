local descriptors = require "spec.support.descriptors"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local inside, settle = tasking.inside, tasking.settle

--- Runs a body with a pair of stream sockets.
local function paired(body)
  return inside(function()
    local one, other = assert(socket.socketpair())
    body(one, other)
    one:close()
    other:close()
  end)
end

local BIG = ("0123456789abcdef"):rep(262144)

describe("in a task", function()
  it(
    "other tasks run while accept and connect wait",
    inside(function()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local server = tasks.spawn(function()
        local connection, peer = listener:accept()
        assert(connection:send "hello")
        connection:close()
        return peer.port
      end)
      settle()
      assert.equal("waiting", server.status)
      local client = assert(socket.socket())
      assert(client:connect(listener:getsockname()))
      assert.equal("hello", client:recv(10))
      assert.equal("", client:recv(10))
      assert.equal(client:getsockname().port, server:join())
      client:close()
      listener:close()
    end)
  )

  it(
    "connect fails with ECONNREFUSED",
    inside(function()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local address = listener:getsockname()
      listener:close()
      local client = assert(socket.socket())
      assert.equal("ECONNREFUSED", select(3, client:connect(address)))
      assert.equal("ECONNREFUSED", select(3, socket.create_connection(address)))
      client:close()
    end)
  )

  it(
    "connect reads its address table once",
    inside(function()
      local path = os.tmpname()
      os.remove(path)
      local listener = assert(socket.socket(socket.AF_UNIX))
      assert(listener:bind(path))
      assert(listener:listen(0))
      local clients = {}
      for n = 1, 4 do
        clients[n] = tasks.spawn(function()
          local client = assert(socket.socket(socket.AF_UNIX))
          local address = { path }
          tasks.spawn(function()
            address[1] = "/nowhere"
          end)
          local done = assert(client:connect(address))
          client:close()
          return done
        end)
      end
      settle()
      for _ = 1, 4 do
        assert(listener:accept()):close()
      end
      for n = 1, 4 do
        assert.is_true(clients[n]:join())
      end
      listener:close()
      os.remove(path)
    end)
  )

  it(
    "several tasks can wait in accept of one socket",
    inside(function()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local count, servers = 0, {}
      for n = 1, 3 do
        servers[n] = tasks.spawn(function()
          assert(listener:accept()):close()
          count = count + 1
        end)
      end
      settle()
      for _ = 1, 3 do
        local client = assert(socket.create_connection(listener:getsockname()))
        assert.equal("", client:recv(1))
        client:close()
      end
      for n = 1, 3 do
        servers[n]:join()
      end
      assert.equal(3, count)
      listener:close()
    end)
  )

  it(
    "each function that receives waits for data",
    paired(function(one, other)
      local buffer = socket.buffer(8)
      local ways = {
        function()
          return one:recv(8)
        end,
        function()
          return (one:recvfrom(8))
        end,
        function()
          return buffer:sub(1, (one:recv_into(buffer)))
        end,
        function()
          return buffer:sub(1, (one:recvfrom_into(buffer)))
        end,
        function()
          return (one:recvmsg(8))
        end,
        function()
          return buffer:sub(1, (one:recvmsg_into { buffer }))
        end,
      }
      for n, way in ipairs(ways) do
        local task = tasks.spawn(way)
        settle()
        assert.equal("waiting", task.status)
        assert(other:send("way " .. n))
        assert.equal("way " .. n, task:join())
      end
    end)
  )

  it(
    "recv with MSG_WAITALL waits until the buffer is full",
    paired(function(one, other)
      local buffer = socket.buffer(6)
      for _, way in ipairs {
        function()
          return one:recv(6, socket.MSG_WAITALL)
        end,
        function()
          assert.equal(6, one:recv_into(buffer, 6, socket.MSG_WAITALL))
          return buffer:sub(1, 6)
        end,
      } do
        local task = tasks.spawn(way)
        for _, part in ipairs { "ab", "cd", "ef" } do
          settle()
          assert.equal("waiting", task.status)
          assert(other:send(part))
        end
        assert.equal("abcdef", task:join())
      end
    end)
  )

  for _, name in ipairs { "send", "sendall", "sendmsg" } do
    it(
      name .. " sends all, however long it takes",
      paired(function(one, other)
        local receiver = tasks.spawn(function()
          local parts = {}
          while true do
            local part = assert(other:recv(65536))
            if part == "" then
              return table.concat(parts)
            end
            parts[#parts + 1] = part
            if #parts % 7 == 0 then
              tasks.yield()
            end
          end
        end)
        local sent = assert(one[name](one, name == "sendmsg" and { BIG } or BIG))
        assert.equal(name == "sendall" or #BIG, sent)
        one:close()
        assert.is_true(receiver:join() == BIG)
      end)
    )
  end

  it(
    "sendall that fails returns the number of bytes sent",
    inside(function()
      local one, other = assert(socket.socketpair())
      local result = { tasks.timeout_after(0.01, one.sendall, one, BIG) }
      assert.equal("sendall: timed out", result[2])
      assert.equal("timeout", result[3])
      assert.is_true(result[4] > 0 and result[4] < #BIG)
      local count = 0
      one:close()
      while true do
        local part = other:recv(65536)
        if part == "" then
          break
        end
        count = count + #part
      end
      assert.equal(result[4], count)
      other:close()
    end)
  )

  it(
    "send and recv of datagrams wait",
    inside(function()
      local one, other = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
      local sender = tasks.spawn(function()
        for n = 1, 500 do
          assert(one:send(tostring(n)))
        end
        return "sent"
      end)
      settle()
      assert.equal("waiting", sender.status)
      for n = 1, 500 do
        assert.equal(tostring(n), other:recv(10))
      end
      assert.equal("sent", sender:join())
      one:close()
      other:close()
    end)
  )

  it(
    "sendfile waits, and sets the position of the file",
    inside(function()
      local path = os.tmpname()
      local file = assert(io.open(path, "w+b"))
      file:write(BIG)
      local one, other = assert(socket.socketpair())
      local receiver = tasks.spawn(function()
        local count = 0
        while true do
          local part = assert(other:recv(65536))
          if part == "" then
            return count
          end
          count = count + #part
        end
      end)
      assert.equal(#BIG - 5, one:sendfile(file, 5))
      assert.equal(#BIG, file:seek())
      one:close()
      assert.equal(#BIG - 5, receiver:join())
      file:close()
      other:close()
      os.remove(path)
    end)
  )

  it(
    "a call on a socket with a timeout fails with timeout",
    paired(function(one)
      assert(one:settimeout(0.01))
      assert.same({ n = 3, nil, "recv: timed out", "timeout" }, { n = select("#", one:recv(1)), one:recv(1) })
      assert(one:settimeout(0))
      assert.equal("EAGAIN", select(3, one:recv(1)))
    end)
  )

  if string.pack then
    it(
      "SO_RCVTIMEO applies to a blocking socket",
      inside(function()
        local one, other = assert(socket.socketpair())
        assert(one:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, string.pack("jj", 0, 10000)))
        assert.equal("EAGAIN", select(3, one:recv(1)))
        one:close()
        other:close()
      end)
    )
  end

  it(
    "detach returns a blocking descriptor for a blocking socket",
    inside(function()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local task = tasks.spawn(listener.accept, listener)
      settle()
      task:cancel()
      task:join()
      local fd = listener:detach()
      assert.is_false(descriptors.is_nonblocking(fd))
      local again = assert(socket.socket { fileno = fd })
      assert.is_true(again:getblocking())
      again:close()
    end)
  )

  it(
    "sendfile waits although the descriptor was made blocking, which it is again when it is handed on",
    inside(function()
      for _, timeout in ipairs { false, 60 } do
        local file = assert(io.tmpfile())
        file:write(BIG)
        local one, other = assert(socket.socketpair())
        assert(one:settimeout(timeout or nil))
        local owner = assert(one:dup())
        assert(owner:setblocking(true))
        local sender = tasks.spawn(one.sendfile, one, file, 0)
        settle()
        assert.equal("waiting", sender.status)
        sender:cancel()
        sender:join()
        local fd = one:detach()
        assert.equal(timeout ~= false, descriptors.is_nonblocking(fd))
        socket.close(fd)
        network.close(owner, other)
        file:close()
      end
    end)
  )

  it(
    "a call that waits is not disturbed by sockets that the collector closes",
    inside(function()
      local one, other = assert(socket.socketpair())
      local reader = tasks.spawn(function()
        local count = 0
        while assert(one:recv(1)) ~= "" do
          count = count + 1
        end
        return count
      end)
      for _ = 1, 500 do
        tasks.spawn(function()
          for _ = 1, 2 do
            assert(socket.socketpair())
          end
          tasks.yield()
          assert(other:send "x")
          tasks.yield()
          -- It ends with so much new memory that the collector runs at the next call, which Lua makes for the reader.
          local _ = ("x"):rep(20000)
        end)
        assert(tasks.yield())
      end
      settle()
      other:close()
      assert.equal(500, reader:join())
      one:close()
    end)
  )

  it(
    "a call may have many arguments",
    inside(function()
      local one, other = assert(socket.socketpair())
      network.fill(one)
      one:setblocking(true)
      local stream = assert(one:makefile("w", { buffering = 0 }))
      local words, all = {}, {}
      for n = 1, 200 do
        words[n] = ("%d "):format(n)
      end
      for _, count in ipairs { 1, 8, 16, 17, 18, 19, 20, 21, 40, 200 } do
        all[#all + 1] = table.concat(words, "", 1, count)
      end
      local writer = tasks.spawn(function()
        for _, count in ipairs { 1, 8, 16, 17, 18, 19, 20, 21, 40, 200 } do
          assert(stream:write(lua.unpack(words, 1, count)))
        end
        stream:close()
        one:close()
      end)
      settle()
      assert.equal("waiting", writer.status)
      local pieces = {}
      repeat
        pieces[#pieces + 1] = assert(other:recv(100000))
      until pieces[#pieces] == ""
      assert.equal(table.concat(all), (table.concat(pieces):gsub("^x*", "")))
      writer:join()
      other:close()
    end)
  )

  it(
    "other tasks run although a peer sends all the time",
    inside(function()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local client = assert(socket.create_connection(listener:getsockname()))
      local server = assert(listener:accept())
      assert(client:sendall(("x"):rep(100000)))
      local turns = 0
      local other = tasks.spawn(function()
        while true do
          if not tasks.yield() then
            return
          end
          turns = turns + 1
        end
      end)
      for _ = 1, 1000 do
        assert.equal("x", server:recv(1))
      end
      -- Lua 5.1, 5.2 and LuaJIT cannot tell whether a call may yield.
      if coroutine.isyieldable and not rawget(_G, "jit") then
        assert.is_true(turns >= 5)
      end
      other:cancel()
      network.close(client, server, listener)
    end)
  )
end)

describe("a stream in a task", function()
  it(
    "reads and writes like a file",
    inside(function()
      local one, other = assert(socket.socketpair())
      local echo = tasks.spawn(function()
        local stream = assert(other:makefile "rw")
        while true do
          local line = stream:read "L"
          if not line then
            return stream:close()
          end
          assert(stream:write(line:upper()))
        end
      end)
      local stream = assert(one:makefile "rw")
      for n = 1, 50 do
        assert(stream:write("line ", n, "\n"))
        assert.equal("LINE " .. n, stream:read())
      end
      assert(stream:close())
      one:close()
      assert.is_true(echo:join())
      other:close()
    end)
  )

  it(
    "writes each byte once, although the peer's buffer is small",
    inside(function()
      local one, other = assert(socket.socketpair())
      local reader = tasks.spawn(function()
        local stream = assert(other:makefile())
        local all = stream:read "a"
        stream:close()
        return all
      end)
      local stream = assert(one:makefile("w", 4096))
      assert(stream:write(BIG:sub(1, 70000), "-", BIG, "-", BIG:sub(1, 10)))
      assert(stream:close())
      one:close()
      assert.is_true(reader:join() == BIG:sub(1, 70000) .. "-" .. BIG .. "-" .. BIG:sub(1, 10))
      other:close()
    end)
  )

  it(
    "keeps a part of a line after a timeout",
    inside(function()
      local one, other = assert(socket.socketpair())
      local stream = assert(one:makefile())
      assert(other:send "half ")
      local line, _, code, partial = tasks.timeout_after(0.1 * network.patience, stream.read, stream)
      assert.same({ nil, "timeout", "half " }, { line, code, partial })
      assert(other:send "a line\n")
      assert.equal("half a line", stream:read())
      stream:close()
      one:close()
      other:close()
    end)
  )

  if tasking.iterates then
    it(
      "returns lines in a for loop",
      inside(function()
        local one, other = assert(socket.socketpair())
        tasks.spawn(function()
          for n = 1, 3 do
            assert(other:send(n .. "\n"))
            tasks.sleep(0.001)
          end
          other:close()
        end)
        local lines, stream = {}, assert(one:makefile())
        for line in stream:lines() do
          lines[#lines + 1] = line
        end
        assert.same({ "1", "2", "3" }, lines)
        stream:close()
        one:close()
      end)
    )
  else
    pending "lines() in a task: Lua 5.1 cannot yield in the iterator of a for"
  end
end)
