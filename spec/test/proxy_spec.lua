local network = require "spec.support.network"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local test = require "bsdsocket.test"
local testing = require "spec.support.testing"

local failure = testing.failure

-- What a client receives of these bytes through a proxy with these faults, the proxy, and the seconds that it took.
---@return any ...
local function through(faults, bytes, seed, play)
  local received, proxy, began
  test.run(function()
    local server = test.server(function(peer)
      if play then
        play(peer)
      else
        peer:send(bytes)
      end
    end)
    proxy = test.proxy { to = server.address, downstream = faults, seed = seed }
    began = test.now()
    received = test.connect(proxy.address):expect(function(all, ended)
      if ended then
        return #all, all
      end
    end)
  end)
  return received, proxy, test.now() - began
end

-- The pieces in which a task receives what a peer sends through a slicer.
local function pieces(faults, play)
  local list = {}
  test.run(function()
    local server = test.server(play)
    local proxy = test.proxy { to = server.address, downstream = faults }
    local client = assert(socket.create_connection(proxy.address))
    local data = assert(client:recv(4096))
    while data ~= "" do
      list[#list + 1] = data
      data = assert(client:recv(4096))
    end
    client:close()
  end)
  return list
end

describe("a proxy", function()
  it(
    "forwards both directions and their ends",
    test.case(function()
      local server = test.server(function(peer)
        peer:expect "question"
        peer:expect(test.EOF)
        peer:send "answer"
      end)
      local proxy = test.proxy { to = server.address }
      local client = test.connect(proxy.address)
      client:send "question"
      client:shutdown()
      client:expect "answer"
      client:expect(test.EOF)
    end)
  )

  it(
    "forwards a reset",
    test.case(function()
      local server = test.server(function(peer)
        peer:expect "x"
        peer:reset()
      end)
      local client = test.connect(test.proxy({ to = server.address }).address)
      client:send "x"
      client:expect(test.RESET)
    end)
  )

  it(
    "forwards no faster than the receiver reads",
    test.case(function()
      local much = ("0123456789"):rep(300000)
      local server = test.server(function(peer)
        peer:send(much)
      end)
      local client = test.connect(test.proxy({ to = server.address }).address)
      test.sleep(0.02)
      assert.is_true(client:expect(#much) == much)
    end)
  )

  it("serves several connections, and clients whose server does not listen", function()
    local log = ""
    test.run(function()
      local server = test.server(function(peer)
        peer:send(peer:expect(1))
      end, { connections = 2 })
      local proxy = test.proxy { to = server.address }
      local one, two = test.connect(proxy.address), test.connect(proxy.address)
      two:send "2"
      two:expect "2"
      one:send "1"
      one:expect "1"
      local closed, held = test.closed_address()
      local broken = test.proxy { to = closed }
      test.connect(broken.address):expect(test.RESET)
      held:close()
      log = broken.log[1]
    end)
    assert.is_truthy(log:find "connection 1 upstream: could not connect: ")
  end)

  it("delays by latency, and not each byte anew", function()
    local bytes, _, time = through({ { "latency", latency = 0.05 } }, nil, 1, function(peer)
      peer:send_slowly("abcdefghijklmnopqrst", 1, 0.001)
    end)
    assert.equal("abcdefghijklmnopqrst", bytes)
    assert.is_true(time >= 0.05 and time < 0.8 * network.patience, tostring(time))
  end)

  it("limits the rate", function()
    local bytes, _, time = through({ { "bandwidth", rate = 10000 } }, ("x"):rep(500))
    assert.equal(500, #bytes)
    assert.is_true(time >= 0.05)
  end)

  it("slices at the same places however the bytes arrive", function()
    local text = "abcdefghijklmnop"
    local faults = { { "slicer", size = 3, variation = 2 } }
    local whole = pieces(faults, function(peer)
      peer:send(text)
    end)
    assert.equal(text, table.concat(whole))
    assert.same({ "abcde", "fghi", "jklm", "nop" }, whole)
    assert.same(
      whole,
      pieces(faults, function(peer)
        for n = 1, #text do
          peer:send(text:sub(n, n))
        end
      end)
    )
  end)

  for how, outcome in pairs { eof = test.EOF, reset = test.RESET } do
    it(
      "cuts after some bytes by " .. how,
      test.case(function()
        for _, bytes in ipairs { 0, 1, 5 } do
          local server = test.server(function(peer)
            peer:expect "go"
            peer:send "hello"
          end)
          local faults = { { "limit_data", bytes = bytes, how = how } }
          local client = test.connect(test.proxy({ to = server.address, downstream = faults }).address)
          client:send "go"
          client:expect(("hello"):sub(1, bytes))
          client:expect(outcome)
        end
      end)
    )
  end

  it(
    "resets, stalls and closes late by Toxiproxy's names",
    test.case(function()
      local function client(fault)
        local server = test.server(function(peer)
          peer:expect "go"
          peer:send "hello"
        end)
        local made = test.connect(test.proxy({ to = server.address, downstream = { fault } }).address)
        made:send "go"
        return made
      end
      client({ "reset_peer" }):expect(test.RESET)
      client({ "timeout" }):expect_silence(0.02)
      local began = test.now()
      local last = client { "slow_close", delay = 0.03 }
      last:expect "hello"
      last:expect(test.EOF)
      assert.is_true(test.now() - began >= 0.03)
    end)
  )

  it("corrupts the same bytes for the same seed, on every Lua", function()
    assert.equal("a\157c", (through({ { "corrupt", offsets = { 2 } } }, "abc")))
    local function places(seed)
      local bytes, proxy = through({ { "corrupt", one_in = 50 } }, ("\0"):rep(200), seed)
      local list = {}
      for place in bytes:gmatch "()\255" do
        list[#list + 1] = place
      end
      assert.equal(#list, #proxy.log)
      return list
    end
    assert.same({ 48, 103, 137, 154, 181 }, places(7))
    assert.same(places(8), places(8))
  end)

  it(
    "changes its faults during a test, also for open connections",
    test.case(function()
      local server = test.server(function(peer)
        for _ = 1, 2 do
          peer:send(peer:expect(1))
        end
      end)
      local proxy = test.proxy { to = server.address }
      local client = test.connect(proxy.address)
      client:send "a"
      client:expect "a"
      proxy:set { downstream = { { "corrupt", offsets = { 1 } } } }
      client:send "b"
      client:expect(string.char(255 - ("b"):byte()))
    end)
  )

  it("shows its seed and its log when the test fails", function()
    local text = failure(function()
      local server = test.server(function(peer)
        peer:send "abc"
      end)
      local faults = { { "corrupt", offsets = { 2 } } }
      test.connect(test.proxy({ to = server.address, seed = 42, downstream = faults }).address):expect "abc"
    end)
    assert.is_truthy(text:find "\n  proxy %(seed 42%):\n    %d%.%d%d%d connection 1 downstream: corrupted byte 2")
  end)

  it("rejects invalid options, and names the line", function()
    local to = { "127.0.0.1", 1 }
    for message, options in pairs {
      ["proxy: to: address expected, got no value"] = {},
      ["proxy: seed: number expected, got string"] = { to = to, seed = "x" },
      ["proxy: seed: 1.5 is out of range"] = { to = to, seed = 1.5 },
      ["proxy: upstream: there is no fault 'lose'"] = { to = to, upstream = { { "lose" } } },
      ["proxy: upstream: there is no fault 'loss'"] = { to = to, upstream = { { "loss" } } },
      ["proxy: upstream: slicer: size: number expected, got no value"] = { to = to, upstream = { { "slicer" } } },
      ["proxy: upstream: slicer: there is no option 'sise'"] = { to = to, upstream = { { "slicer", sise = 1 } } },
      ["proxy: downstream: limit_data: how: one of eof, reset, stall expected, got fin"] = {
        to = to,
        downstream = { { "limit_data", bytes = 1, how = "fin" } },
      },
      ["proxy: there is no option 'too'"] = { to = to, too = to },
    } do
      local text = failure(function()
        test.proxy(options)
      end)
      assert.equal(message, text:match "_spec%.lua:%d+: (.*)$")
    end
  end)
end)

describe("a proxy of datagrams", function()
  -- The datagrams that come through, of 1 to 8, and the proxy.
  ---@return any ...
  local function passed(faults, options)
    options = options or {}
    local list, proxy = {}, nil
    test.run(function()
      local receiver = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
      assert(receiver:bind { "127.0.0.1", 0 })
      proxy = test.proxy {
        type = socket.SOCK_DGRAM,
        to = receiver:getsockname(),
        upstream = faults,
        seed = options.seed,
      }
      local sender = test.connect(proxy.address, { type = socket.SOCK_DGRAM })
      for n = 1, 8 do
        sender:send("datagram " .. n)
        tasks.sleep(options.pause or 0)
      end
      receiver:settimeout(options.wait or 0.02)
      local data = receiver:recv(100)
      while data do
        list[#list + 1] = data:match "^datagram (%d)$" or data
        data = receiver:recv(100)
      end
      receiver:close()
    end)
    return table.concat(list, " "), proxy
  end

  it("loses, duplicates, truncates and corrupts some of them", function()
    assert.equal("1 2 3 4 5 6 7 8", (passed {}))
    assert.equal("2 4 5 6 7 8", (passed { { "loss", numbers = { 1, 3 } } }))
    assert.equal("1 2 2 3 4 5 6 7 8", (passed { { "duplicate", numbers = { 2 } } }))
    assert.equal("1 da 3 4 5 6 7 8", (passed { { "truncate", size = 2, numbers = { 2 } } }))
    local bytes = passed { { "loss", numbers = { 2, 3, 4, 5, 6, 7, 8 } }, { "corrupt" } }
    assert.equal(#"datagram 1", #bytes)
    assert.is_truthy(bytes:find "[\128-\255]")
  end)

  it("reorders and delays", function()
    assert.equal("1 3 2 4 5 6 7 8", (passed { { "reorder", numbers = { 2 } } }))
    assert.equal("1 2 3 4 5 6 7 8", (passed({ { "reorder", numbers = { 8 } } }, { wait = 0.2 })))
    assert.equal("2 3 4 5 6 7 8 1", (passed({ { "delay", delay = 0.1, numbers = { 1 } } }, { wait = 0.4 })))
  end)

  it("chooses the same ones for the same seed, on every Lua", function()
    local list, proxy = passed({ { "loss", percent = 40 } }, { seed = 7 })
    assert.equal("1 2 3 4 5", list)
    assert.is_truthy(proxy.log[1]:find "connection 1 upstream: loss: datagram %d")
  end)

  it(
    "answers each client",
    test.case(function()
      local server = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
      assert(server:bind { "127.0.0.1", 0 })
      tasks.spawn(function()
        local data, from = server:recvfrom(100)
        while data do
          server:sendto("re " .. data, from)
          data, from = server:recvfrom(100)
        end
      end)
      local proxy = test.proxy { type = socket.SOCK_DGRAM, to = server:getsockname() }
      local one = test.connect(proxy.address, { type = socket.SOCK_DGRAM })
      local two = test.connect(proxy.address, { type = socket.SOCK_DGRAM })
      two:send "2"
      one:send "1"
      one:expect "re 1"
      two:expect "re 2"
    end)
  )
end)
