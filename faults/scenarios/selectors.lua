-- Selectors.

local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"
local selectors = require "bsdsocket.selectors"

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

-- With limits each wait adds the descriptor of the switch, and removes it at its end, which cannot fail.
local function removes(_, fault)
  return fault.of == "epoll_ctl" and (fault.after == "epoll_wait" or fault.after == "close") or nil
end

for _, name in ipairs { "DefaultSelector", "EpollSelector", "PollSelector" } do
  scenario(name) {
    act = selectors[name],
  }
end

-- Returns a function that creates a selector, and a pair whose first end is readable.
local function selecting(name)
  return function()
    local it = fixtures.pair()
    it.selector = assert(selectors[name]())
    assert(it.other:send "x")
    return it
  end
end

-- The same, with the first end registered.
local function registered(name)
  local make = selecting(name)
  return function()
    local it = make()
    it.key = assert(it.selector:register(it.one, WRITE, "before"))
    return it
  end
end

-- Checks that select reports the registered object, and nothing else.
local function reports(it, key, events)
  fixtures.same(key and 1 or 0, #it.selector, "registrations")
  local count = 0
  for reported, ready in assert(it.selector:select(0)) do
    fixtures.same(key, reported, "the key")
    fixtures.same(events, ready, "the events")
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
      reports(it, key, READ)
      fixtures.same(key, it.selector:get_key(it.one), "the key")
    end,
  }

  scenario "modify" {
    make = registered(name),
    act = function(it)
      return it.selector:modify(it.one, READ, {})
    end,
    -- After a failure it is no longer registered.
    check = function(it, _, key)
      reports(it, key, READ)
    end,
  }

  scenario "unregister" {
    make = registered(name),
    act = function(it)
      return it.selector:unregister(it.one)
    end,
    check = function(it, _, key)
      fixtures.same(it.key, key, "the key")
      reports(it)
    end,
    -- EPOLL_CTL_DEL fails for a closed descriptor; a descriptor that stays in the epoll set is skipped later.
    outcome = fixtures.absorbs,
  }

  for _, timeout in ipairs { false, 5 } do
    scenario "select" {
      make = registered(name),
      act = function(it)
        return it.selector:select(timeout or nil)
      end,
      check = function(it)
        reports(it, it.key, WRITE)
      end,
      outcome = removes,
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

-- A descriptor that has a duplicate is closed, then unregistered: select recreates the epoll set.
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
    reports(it, it.key, WRITE)
  end,
  outcome = function(case, fault)
    return fault.of == "close" or removes(case, fault)
  end,
}

scenario "close" {
  make = registered "EpollSelector",
  act = function(it)
    return it.selector:close()
  end,
  outcome = fixtures.absorbs,
}
