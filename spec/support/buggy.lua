--- Clients with planted bugs, for the specs of the kit for protocol tests. Without one they are right.
local network = require "spec.support.network"
local socket = require "bsdsocket"
local test = require "bsdsocket.test"

local buggy = {}

--- How long a client waits in all, and for the answer to a datagram.
buggy.PATIENCE, buggy.TRY = 0.2 * network.patience, 0.05 * network.patience

--- The sum that answers carry.
function buggy.sum(body)
  local sum = 0
  for n = 1, #body do
    sum = (sum + body:byte(n)) % 1000
  end
  return sum
end

--- The answer to a request.
function buggy.answer(body)
  return ("OK %d %d\r\n%s"):format(#body, buggy.sum(body), body)
end

-- What a client receives: `more` waits for bytes in `buffer`.
local function receiver(s, bug, patience)
  local self = { buffer = "", began = test.now() }
  function self.more()
    local left = patience - (test.now() - self.began)
    if bug == "waits for ever" then
      s:settimeout(nil)
    else
      s:settimeout(bug == "starts its time anew" and patience or math.max(left, 0.001))
    end
    local data, _, code = s:recv(4096)
    if data and data ~= "" then
      self.buffer = self.buffer .. data
      return true
    elseif
      data and bug == "takes the end for success" or code == "ECONNRESET" and bug == "takes a reset for success"
    then
      return nil, "success"
    end
    return nil, code or "incomplete"
  end
  return self
end

-- Reads the first line of an answer.
local function read_line(from, bug)
  while true do
    local line, rest = from.buffer:match "^(.-)\r\n(.*)$"
    if bug == "looks for line ends in the last bytes" then
      line = from.buffer:match "^([^\r]*)\r\n$"
      rest = ""
    elseif bug == "takes a piece for a line" and from.buffer ~= "" then
      line, rest = line or from.buffer, rest or ""
    end
    if line then
      from.buffer = bug == "drops what follows a line" and "" or rest
      return line
    end
    local ok, why = from.more()
    if not ok then
      return nil, why
    end
  end
end

-- Reads an answer.
local function read_answer(from, bug)
  local line, why = read_line(from, bug)
  while line == "WAIT" and bug ~= "knows no interim answer" do
    line, why = read_line(from, bug)
  end
  if not line then
    return why == "success" and "" or nil, why
  end
  local size, sum = line:match "^OK (%d+) (%d+)$"
  size = tonumber(size)
  if not size then
    return nil, "invalid"
  end
  local tries = 0
  while #from.buffer < size and not (bug == "takes a piece for a body" and tries > 0) do
    local ok
    ok, why = from.more()
    tries = tries + 1
    if why == "success" then
      return from.buffer
    elseif not ok then
      return nil, why
    end
  end
  local body = from.buffer:sub(1, size)
  from.buffer = bug == "drops what follows a body" and "" or from.buffer:sub(size + 1)
  if bug ~= "checks no sum" and #body == size and buggy.sum(body) ~= tonumber(sum) then
    return nil, "corrupt"
  end
  return body
end

--- A client of a stream: asks for each name, and gives the answers. `names.patience` is how long it waits.
function buggy.fetch(address, names, bug)
  local s, patience = assert(socket.socket()), names.patience or buggy.PATIENCE
  s:settimeout(patience)
  local ok, _, code = s:connect(address)
  if not ok then
    s:close()
    if bug == "takes a refusal for no answers" then
      return {}
    end
    return nil, code
  end
  local from, answers, ending = receiver(s, bug, patience), {}, bug == "ends lines in its own way" and "\n" or "\r\n"
  local function ask(name)
    if bug == "sends a part" then
      s:setblocking(false)
      return s:send("GET " .. name .. ending)
    end
    return s:sendall("GET " .. name .. ending)
  end
  if bug == "asks before it has the answer" or names.at_once then
    for _, name in ipairs(names) do
      ask(name)
    end
  end
  for n, name in ipairs(names) do
    if not (bug == "asks before it has the answer" or names.at_once) then
      ask(name)
    end
    local answer, why = read_answer(from, bug)
    if not answer then
      s:close()
      return nil, why
    end
    answers[n] = answer
  end
  if bug == "never closes" then
    buggy.kept = s
    return answers
  end
  s:close()
  return answers
end

--- A client of datagrams: asks for each name, and gives the answers.
function buggy.lookup(address, names, bug)
  local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
  assert(s:connect(address))
  local answers = {}
  for n, name in ipairs(names) do
    local why = "no answer"
    local tries = bug == "asks once" and 1 or bug == "asks for ever" and 1000 or 4
    while tries > 0 and not answers[n] do
      assert(s:send(("%d?%s"):format(n, name)))
      tries = tries - 1
      s:settimeout(buggy.TRY)
      local data, _, code = s:recv(512)
      while data do
        local id, sum, body = data:match "^(%d)!(%d+) (.*)$"
        local right = id and (tonumber(sum) == buggy.sum(body) or bug == "checks no sum")
        if bug == "takes any answer" or right and (tonumber(id) == n or bug == "takes answers in turn") then
          answers[n] = body or data
          break
        end
        data, _, code = s:recv(512)
      end
      if code and code ~= "timeout" then
        tries, why = 0, code
      end
    end
    if not answers[n] then
      s:close()
      return nil, why
    end
  end
  s:close()
  return answers
end

return buggy
