-- socket.smtp: messages in parts, recipients, authentication, a refused recipient.

local ltn12 = require "ltn12"
local mime = require "mime"
local smtp = require "socket.smtp"
local socket = require "socket"

local SERVER = { server = "127.0.0.1", port = 2525, domain = "here" }
local function send(message)
  for key, value in pairs(SERVER) do
    message[key] = value
  end
  return smtp.send(message)
end

local function last()
  local peer = assert(socket.connect(SERVER.server, SERVER.port))
  assert(peer:receive())
  assert(peer:send "LAST\r\n")
  local line = assert(peer:receive())
  peer:close()
  return line
end

assert(send {
  from = "<ada@example.org>",
  rcpt = { "<grace@example.org>", "<alan@example.org>" },
  source = smtp.message { headers = { subject = "dots" }, body = "one\r\n.two\r\n..three\r\n" },
})
local text = last()
assert(text:find("ada@example.org > grace@example.org,alan@example.org", 1, true), text)
assert(text:find("one\\n..two\\n...three", 1, true), text)

assert(send {
  from = "<ada@example.org>",
  rcpt = "<grace@example.org>",
  user = "ada",
  password = "secret",
  source = smtp.message {
    headers = { subject = "parts" },
    body = {
      preamble = "a preamble",
      { body = mime.eol(0, "plain\ntext\n") },
      {
        headers = { ["content-transfer-encoding"] = "BASE64" },
        body = ltn12.source.chain(
          ltn12.source.string(("\0\1\2"):rep(1000)),
          ltn12.filter.chain(mime.encode "base64", mime.wrap())
        ),
      },
    },
  },
})
text = last()
assert(text:find("plain\\ntext", 1, true) and text:find("AAECAAEC", 1, true), text)

local ok, reason = send {
  from = "<ada@example.org>",
  rcpt = "<nobody@example.org>",
  source = smtp.message { body = "x" },
}
assert(ok == nil and reason == "550 no such user", reason)
