-- Python's http.server under test: a request byte by byte, and files that are there and are not. Run it with busted.

local test = require "bsdsocket.test"

describe("python3 -m http.server", function()
  -- Gives a client of a server that shows this folder.
  local function connect()
    local address = test.free_address()
    test.spawn(
      { "python3", "-m", "http.server", address.port, "--bind", "127.0.0.1", "--directory", "examples/testing" },
      {
        ready = address,
      }
    )
    return test.connect(address)
  end

  it(
    "takes a request byte by byte",
    test.case(function()
      local client = connect()
      client:send_slowly "GET /http_server_spec.lua HTTP/1.0\r\n\r\n"
      client:expect(test.line "HTTP/1%.0 200 OK")
      local head = client:expect(test.upto "\r\n\r\n")
      local body = client:expect(tonumber(head:match "Content%-Length: (%d+)"))
      assert.equal("-- Python's http.server under test", body:sub(1, 34))
      client:expect(test.EOF)
    end)
  )

  it(
    "says what is not there",
    test.case(function()
      local client = connect()
      client:send "GET /nothing HTTP/1.0\r\n\r\n"
      client:expect(test.line "HTTP/1%.0 404 .*")
      client:expect(test.upto "</html>\n")
      client:expect(test.EOF)
    end)
  )
end)
