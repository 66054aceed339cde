-- What copas uses of the rock `timerwheel`, of which there is no package.

local wheel = {}
wheel.__index = wheel

local timerwheel = {}

function timerwheel.new(options)
  return setmetatable({ now = options.now, on_error = options.err_handler, last = 0, timers = {} }, wheel)
end

function wheel:set(delay, callback, argument)
  self.last = self.last + 1
  self.timers[self.last] = { time = self.now() + delay, callback = callback, argument = argument }
  return self.last
end

function wheel:cancel(id)
  local found = self.timers[id] ~= nil
  self.timers[id] = nil
  return found
end

function wheel:count()
  local count = 0
  for _ in pairs(self.timers) do
    count = count + 1
  end
  return count
end

function wheel:step()
  local now, due = self.now(), {}
  for id, timer in pairs(self.timers) do
    if timer.time <= now then
      due[#due + 1] = id
    end
  end
  for _, id in ipairs(due) do
    local timer = self.timers[id]
    self.timers[id] = nil
    xpcall(function()
      timer.callback(timer.argument)
    end, self.on_error)
  end
end

return timerwheel
