-- Each planted bug of a client is found by a recipe of docs/testing.md, and the client without it passes.

local buggy = require "spec.support.buggy"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"
local test = require "bsdsocket.test"

local BODY = "0123456789"

-- A server that answers each request at once.
local function server(count)
  return test.server(function(peer)
    for _ = 1, count or 1 do
      peer:expect(test.line "GET %w+")
      peer:send(buggy.answer(BODY))
    end
    peer:expect(test.EOF)
  end)
end

-- One that does not care how the connection ends.
local function origin()
  return test.server(function(peer)
    peer:expect(test.line "GET %w+")
    peer:send(buggy.answer(BODY))
  end).address
end

local function downstream(fault)
  return test.proxy({ to = origin(), downstream = { fault } }).address
end

-- The address of a server of datagrams for so many questions.
local function resolver(count, respond)
  return test.server(function(peer)
    for _ = 1, count do
      local id, name = peer:expect(function(bytes)
        return #bytes, bytes:match "^(%d)%?(.*)$"
      end)
      respond(peer, id, ("%d %s"):format(buggy.sum(name), name))
    end
  end, { type = socket.SOCK_DGRAM }).address
end

local function right(peer, id, answer)
  peer:send(id .. "!" .. answer)
end

local function lossy(options)
  options.type = socket.SOCK_DGRAM
  return test.proxy(options).address
end

-- The recipes, by their names in the documentation: what they ask of a client, and the bugs that they find.
local RECIPES = {
  {
    "slice the answer",
    bugs = { "takes a piece for a line", "takes a piece for a body" },
    function(fetch)
      local slicer = { { "slicer", size = 1 } }
      local proxy = test.proxy { to = server().address, upstream = slicer, downstream = slicer }
      assert.same({ BODY }, (fetch(proxy.address, { "a" })))
    end,
  },
  {
    "send much at once",
    bugs = { "drops what follows a line", "drops what follows a body", "looks for line ends in the last bytes" },
    function(fetch)
      local both = test.server(function(peer)
        peer:expect "GET a\r\nGET b\r\n"
        peer:send(buggy.answer "one" .. buggy.answer "two")
        peer:expect(test.EOF)
      end)
      assert.same({ "one", "two" }, (fetch(both.address, { "a", "b", at_once = true })))
    end,
  },
  {
    "cut by the end",
    bugs = { "takes the end for success" },
    function(fetch)
      for _, bytes in ipairs { 1, 5, 10, 15 } do
        local answers, why = fetch(downstream { "limit_data", bytes = bytes, how = "eof" }, { "a" })
        assert.is_nil(answers)
        assert.equal("incomplete", why)
      end
    end,
  },
  {
    "cut by a reset",
    bugs = { "takes a reset for success" },
    function(fetch)
      local answers, why = fetch(downstream { "limit_data", bytes = 15, how = "reset" }, { "a" })
      assert.is_nil(answers)
      assert.equal("ECONNRESET", why)
    end,
  },
  {
    "stall",
    bugs = { "waits for ever" },
    function(fetch)
      local answers, why = fetch(downstream { "limit_data", bytes = 15, how = "stall" }, { "a" })
      assert.is_nil(answers)
      assert.equal("timeout", why)
    end,
  },
  {
    "trickle",
    bugs = { "starts its time anew" },
    function(fetch)
      local began = test.now()
      local trickle = downstream { "slicer", size = 1, delay = 0.03 * network.patience }
      local answers, why = fetch(trickle, { "a", patience = 0.3 * network.patience })
      assert.is_nil(answers)
      assert.equal("timeout", why)
      assert.is_true(test.now() - began < network.patience)
    end,
  },
  {
    "refuse",
    bugs = { "takes a refusal for no answers" },
    function(fetch)
      local address, held = test.closed_address()
      local answers, why = fetch(address, { "a" })
      held:close()
      assert.is_nil(answers)
      assert.equal("ECONNREFUSED", why)
    end,
  },
  {
    "expect the bytes",
    bugs = { "ends lines in its own way", "never closes" },
    function(fetch)
      local exact = test.server(function(peer)
        peer:expect "GET a\r\n"
        peer:send(buggy.answer(BODY))
        peer:expect(test.EOF)
      end)
      fetch(exact.address, { "a" })
    end,
  },
  {
    "expect silence",
    bugs = { "asks before it has the answer" },
    function(fetch)
      local slow = test.server(function(peer)
        for _, name in ipairs { "a", "b" } do
          peer:expect("GET " .. name .. "\r\n")
          peer:expect_silence(0.02)
          peer:send(buggy.answer(name))
        end
      end)
      assert.same({ "a", "b" }, (fetch(slow.address, { "a", "b" })))
    end,
  },
  {
    "read slowly",
    bugs = { "sends a part" },
    function(fetch)
      local name = ("x"):rep(8000000)
      local late = test.server(function(peer)
        peer:sleep(0.05)
        peer:expect(#"GET " + #name + 2)
        peer:send(buggy.answer(BODY))
      end)
      assert.same({ BODY }, (fetch(late.address, { name, patience = 5 * network.patience })))
    end,
  },
  {
    "answer in between",
    bugs = { "knows no interim answer" },
    function(fetch)
      local interim = test.server(function(peer)
        peer:expect "GET a\r\n"
        peer:send("WAIT\r\n" .. buggy.answer(BODY))
      end)
      assert.same({ BODY }, (fetch(interim.address, { "a" })))
    end,
  },
  {
    "corrupt",
    bugs = { "checks no sum" },
    function(fetch)
      local answers, why = fetch(downstream { "corrupt", offsets = { 16 } }, { "a" })
      assert.is_nil(answers)
      assert.equal("corrupt", why)
    end,
  },
  {
    "lose the first",
    bugs = { "asks once" },
    datagrams = true,
    function(lookup)
      local address = lossy { to = resolver(1, right), upstream = { { "loss", numbers = { 1 } } } }
      assert.same({ "a" }, (lookup(address, { "a" })))
    end,
  },
  {
    "lose all",
    bugs = { "asks for ever" },
    datagrams = true,
    function(lookup)
      local address = lossy { to = resolver(4, right), downstream = { { "loss" } } }
      local answers, why = lookup(address, { "a" })
      assert.is_nil(answers)
      assert.equal("no answer", why)
    end,
  },
  {
    "answer another question",
    bugs = { "takes any answer" },
    datagrams = true,
    function(lookup)
      local address = resolver(1, function(peer, id, answer)
        right(peer, "7", answer:gsub("%w$", "z"))
        right(peer, id, answer)
      end)
      assert.same({ "a" }, (lookup(address, { "a" })))
    end,
  },
  {
    "double the answers",
    bugs = { "takes answers in turn" },
    datagrams = true,
    function(lookup)
      local address = lossy { to = resolver(2, right), downstream = { { "duplicate" } } }
      assert.same({ "a", "b" }, (lookup(address, { "a", "b" })))
    end,
  },
  {
    "delay an answer",
    bugs = { "takes answers in turn" },
    datagrams = true,
    function(lookup)
      local late = {
        { "delay", delay = 0.075 * network.patience, numbers = { 1 } },
        { "delay", delay = 0.2 * network.patience, numbers = { 3 } },
      }
      local address = lossy { to = resolver(4, right), downstream = late }
      assert.same({ "a", "b" }, (lookup(address, { "a", "b" })))
    end,
  },
  {
    "truncate",
    bugs = { "checks no sum" },
    datagrams = true,
    function(lookup)
      local short = { { "truncate", size = 8, numbers = { 1 } } }
      local address = lossy { to = resolver(2, right), downstream = short }
      assert.same({ "abcdef" }, (lookup(address, { "abcdef" })))
    end,
  },
}

local DOCUMENT = temporary.read "docs/testing.md"
local count = 0

for _, recipe in ipairs(RECIPES) do
  local client = recipe.datagrams and buggy.lookup or buggy.fetch

  -- Runs the recipe against a client.
  local function run(bug)
    test.run(function()
      recipe[2](function(address, names)
        return client(address, names, bug)
      end)
    end, bug and 0.4 or nil)
  end

  describe("the recipe '" .. recipe[1] .. "'", function()
    it("is in the documentation, and passes a client that is right", function()
      assert.is_truthy(DOCUMENT:find("| " .. recipe[1] .. " |", 1, true))
      run()
    end)

    for _, bug in ipairs(recipe.bugs) do
      count = count + 1

      it("finds the client that " .. bug, function()
        assert.is_false(pcall(run, bug))
        if buggy.kept then
          buggy.kept:close()
          buggy.kept = nil
        end
      end)
    end
  end)
end

it("finds 20 bugs at least", function()
  assert.is_true(count >= 20, tostring(count))
end)
