-- Servers that the programs here speak with, with the library's own interface: `lua5.4 servers.lua smtp 2525`.

local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local kind, port = arg[1], tonumber(arg[2])

-- A stream for text of a connection.
local function lines_of(connection)
  local stream = assert(connection:makefile("rw", { newline = "" }))
  return {
    read = function()
      local line = stream:read("l")
      return line and (line:gsub("\r$", ""))
    end,
    write = function(...)
      assert(stream:write(...))
      assert(stream:flush())
    end,
    bytes = function(count)
      return stream:read(count)
    end,
  }
end

local KINDS = {}

-- Keeps the last message; the command `LAST` returns it as one line.
local last
function KINDS.smtp(peer)
  peer.write("220 here\r\n")
  local from, to = nil, {}
  for line in peer.read do
    local verb = line:match("^%a+"):upper()
    if verb == "EHLO" then
      peer.write("250-here\r\n250 AUTH PLAIN\r\n")
    elseif verb == "MAIL" then
      from = line:match("<(.*)>")
      peer.write("250 ok\r\n")
    elseif verb == "RCPT" then
      to[#to + 1] = line:match("<(.*)>")
      peer.write(line:find("nobody") and "550 no such user\r\n" or "250 ok\r\n")
    elseif verb == "DATA" then
      peer.write("354 go\r\n")
      local message = {}
      for text in peer.read do
        if text == "." then
          break
        end
        message[#message + 1] = text
      end
      last = ("%s > %s | %s"):format(from, table.concat(to, ","), table.concat(message, "\\n"))
      peer.write("250 ok\r\n")
    elseif verb == "AUTH" then
      peer.write("235 ok\r\n")
    elseif verb == "LAST" then
      peer.write(last, "\r\n")
    elseif verb == "QUIT" then
      peer.write("221 bye\r\n")
      break
    else
      peer.write("500 what\r\n")
    end
  end
end

-- One folder of files in memory, in passive mode.
local files = { ["greeting.txt"] = "hello\r\n" }
function KINDS.ftp(peer)
  peer.write("220 here\r\n")
  local passive
  local function transfer(act)
    peer.write("150 go\r\n")
    local data = assert(passive:accept())
    act(data)
    data:close()
    peer.write("226 done\r\n")
  end
  for line in peer.read do
    local verb, rest = line:match("^(%a+) ?(.*)$")
    if verb == "USER" then
      peer.write("331 password\r\n")
    elseif verb == "PASS" then
      peer.write(rest == "wrong" and "530 no\r\n" or "230 ok\r\n")
    elseif verb == "TYPE" or verb == "CWD" then
      peer.write("200 ok\r\n")
    elseif verb == "PWD" then
      peer.write('257 "/"\r\n')
    elseif verb == "PASV" then
      passive = assert(socket.create_server { "127.0.0.1", 0 })
      local number = passive:getsockname().port
      peer.write(("227 ok (127,0,0,1,%d,%d)\r\n"):format(number // 256, number % 256))
    elseif verb == "EPSV" then
      passive = assert(socket.create_server { "127.0.0.1", 0 })
      peer.write(("229 ok (|||%d|)\r\n"):format(passive:getsockname().port))
    elseif verb == "RETR" and not files[rest] then
      peer.write("550 none\r\n")
    elseif verb == "RETR" then
      transfer(function(data)
        assert(data:sendall(files[rest]))
      end)
    elseif verb == "STOR" then
      transfer(function(data)
        files[rest] = assert(data:makefile("r")):read("a")
      end)
    elseif verb == "NLST" then
      local names = {}
      for name in pairs(files) do
        names[#names + 1] = name .. "\r\n"
      end
      table.sort(names)
      transfer(function(data)
        assert(data:sendall(table.concat(names)))
      end)
    elseif verb == "QUIT" then
      peer.write("221 bye\r\n")
      break
    else
      peer.write("500 what\r\n")
    end
  end
end

-- HTTP: `/size/N` returns N bytes, `/chunked/N` the same in chunks, `/slow` waits; `/xmlrpc` and `/soap` add the
-- numbers of a call; anything else returns the request's body.
function KINDS.http(peer)
  for request in peer.read do
    local method, path = request:match("^(%S+) (%S+)")
    local length, chunked
    for line in peer.read do
      if line == "" then
        break
      end
      length = line:lower():match("^content%-length: *(%d+)") or length
      chunked = chunked or line:lower():find("^transfer%-encoding: *chunked") ~= nil
    end
    local body = length and peer.bytes(tonumber(length)) or ""
    while chunked do
      local size = tonumber(peer.read():match("^%x+"), 16)
      body = body .. (size > 0 and peer.bytes(size) or "")
      peer.read()
      chunked = size > 0
    end
    local sum = 0
    for number in body:gsub("^<%?.-%?>", ""):gmatch(">%s*(%d+)%s*<") do
      sum = sum + tonumber(number)
    end
    local size = tonumber(path:match("^/%a+/(%d+)"))
    if path == "/slow" then
      tasks.sleep(0.5)
    end
    if path == "/xmlrpc" then
      body = (
        "<?xml version='1.0'?><methodResponse><params><param><value><int>%d</int></value></param></params>"
        .. "</methodResponse>"
      ):format(sum)
    elseif path == "/soap" then
      body = (
        "<?xml version='1.0'?><s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>"
        .. "<addResponse><sum>%d</sum></addResponse></s:Body></s:Envelope>"
      ):format(sum)
    elseif size then
      body = ("x"):rep(size)
    end
    local kind_of = path:find("^/%a+$") and "Content-Type: text/xml\r\n" or ""
    if path:find("^/chunked") then
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for first = 1, #body, 1000 do
        local part = body:sub(first, first + 999)
        peer.write(("%x\r\n%s\r\n"):format(#part, part))
      end
      peer.write("0\r\n\r\n")
    else
      peer.write(("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n"):format(kind_of, #body))
      peer.write(method == "HEAD" and "" or body)
    end
  end
end

local listener = assert(socket.create_server { "127.0.0.1", port })
assert(tasks.run(function()
  while true do
    local connection = assert(listener:accept())
    tasks.spawn(function()
      pcall(KINDS[kind], lines_of(connection))
      connection:close()
    end)
  end
end))
