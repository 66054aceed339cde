-- Sends a mail from the standard input to an SMTP server.
--
--     lua examples/smtp_client.lua HOST PORT FROM TO <mail.txt

local socket = require "bsdsocket"

assert(arg[4], "usage: smtp_client.lua HOST PORT FROM TO <MAIL")
local from, to = arg[3], arg[4]

local connection = assert(socket.create_connection({ arg[1], arg[2] }, { timeout = 30 }))
local stream = assert(connection:makefile("rw", { newline = "", limit = 65536 }))
connection:close() -- the stream keeps it open

---@return string
local function read_line()
  local line, message = stream:read "l"
  assert(line, message or "the server has closed the connection")
  return line --[[@as string]]
end

-- Reads an answer of one or more lines; it has to begin with the digit.
local function expect(digit)
  local line = read_line()
  while line:sub(4, 4) == "-" do
    line = read_line()
  end
  assert(line:sub(1, 1) == digit, line)
  return line
end

-- Sends a command, which must be one line, and expects its answer.
local function command(line, digit)
  assert(not line:find "[\r\n]", "a line end in a command")
  assert(stream:write(line, "\r\n"))
  return expect(digit)
end

expect "2"
command("EHLO " .. socket.gethostname(), "2")
command("MAIL FROM:<" .. from .. ">", "2")
command("RCPT TO:<" .. to .. ">", "2")
command("DATA", "3")
for line in io.lines() do
  -- A line of a dot alone ends the mail: one that begins with a dot gets another.
  assert(stream:write(line:find "^%." and "." or "", (line:gsub("\r$", "")), "\r\n"))
end
print((command(".", "2")))
command("QUIT", "2")
stream:close()
