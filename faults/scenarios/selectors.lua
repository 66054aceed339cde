-- Waiting for many.

local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"
local selectors = require "bsdsocket.selectors"

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

for _, name in ipairs { "DefaultSelector", "EpollSelector", "PollSelector" } do
  scenario(name) {
    act = selectors[name],
  }
end

-- A selector, and a pair whose first end has something to read.
local function selecting(name)
  return function()
    local it = fixtures.pair()
    it.selector = assert(selectors[name]())
    assert(it.other:send "x")
    return it
  end
end

-- The same with the first end registered.
local function registered(name)
  local make = selecting(name)
  return function()
    local it = make()
    it.key = assert(it.selector:register(it.one, WRITE, "before"))
    return it
  end
end

-- What is registered is told of, and nothing else.
local function tells(it, key, events)
  fixtures.same(key and 1 or 0, #it.selector, "registrations")
  local count = 0
  for told, what in assert(it.selector:select(0)) do
    fixtures.same(key, told, "the key")
    fixtures.same(events, what, "the events")
    count = count + 1
  end
  fixtures.same(key and 1 or 0, count, "events")
end

for _, name in ipairs { "EpollSelector", "PollSelector" } do
  scenario "register" {
    make = selecting(name),
    act = function(it)
      return it.selector:register(it.one, READ, {})
    end,
    check = function(it, _, key)
      tells(it, key, READ)
      fixtures.same(key, it.selector:get_key(it.one), "the key")
    end,
  }

  scenario "modify" {
    make = registered(name),
    act = function(it)
      return it.selector:modify(it.one, READ, {})
    end,
    -- What could not be modified is registered no more.
    check = function(it, _, key)
      tells(it, key, READ)
    end,
  }

  scenario "unregister" {
    make = registered(name),
    act = function(it)
      return it.selector:unregister(it.one)
    end,
    check = function(it, _, key)
      fixtures.same(it.key, key, "the key")
      tells(it)
    end,
    -- The system forgets what was closed by itself, and says so; what it keeps is left out of the next wait.
    outcome = fixtures.absorbs,
  }

  for _, timeout in ipairs { false, 5 } do
    scenario "select" {
      make = registered(name),
      act = function(it)
        return it.selector:select(timeout or nil)
      end,
      check = function(it)
        tells(it, it.key, WRITE)
      end,
    }
  end

  scenario "get_key" {
    make = registered(name),
    act = function(it)
      return it.selector:get_key(it.one)
    end,
  }

  scenario "get_map" {
    make = registered(name),
    act = function(it)
      return it.selector:get_map()
    end,
    check = function(it, _, map)
      fixtures.same(it.key, map[it.one], "the key")
    end,
  }
end

-- A closed descriptor, unregistered afterwards, that has a duplicate: the selector begins anew.
scenario "select" {
  make = function()
    local it = registered "EpollSelector"()
    it.duplicate = assert(it.one:dup())
    it.one:close()
    assert(it.selector:unregister(it.one))
    it.key = assert(it.selector:register(it.other, WRITE))
    return it
  end,
  act = function(it)
    return it.selector:select(0)
  end,
  check = function(it)
    tells(it, it.key, WRITE)
  end,
  outcome = function(_, fault)
    return fault.of == "close" or nil
  end,
}

scenario "close" {
  make = registered "EpollSelector",
  act = function(it)
    return it.selector:close()
  end,
  outcome = fixtures.absorbs,
}
