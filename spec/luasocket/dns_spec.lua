local child = require "spec.support.child"
local library = require "spec.support.library"
local namespace = require "spec.support.namespace"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local tasks = require "bsdsocket.tasks"

local BEGINNING = [[
local socket = require "bsdsocket.luasocket"
local dns = socket.dns
local function show(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local shown = {}
  for key, item in pairs(value) do
    shown[#shown + 1] = tostring(key) .. "=" .. show(item)
  end
  table.sort(shown)
  return "{" .. table.concat(shown, " ") .. "}"
end
local function pack(...)
  return show { n = select("#", ...), ... }
end
]]

-- Runs a program, which must neither fail nor print anything.
local function run(program)
  assert.same({ "", "", 0 }, { child.run(BEGINNING .. program) })
end

describe("dns of bsdsocket.luasocket", function()
  it("looks up the addresses of a host", function()
    run [[
      local ip, host = dns.toip "localhost"
      assert(ip == "127.0.0.1" and host.name and host.ip[1] == "127.0.0.1" and type(host.alias) == "table")
      local name, same = dns.tohostname "127.0.0.1"
      assert(name == same.name and same.ip[1] == "127.0.0.1")
      local found = dns.getaddrinfo "localhost"
      local families = { inet = "^127%.", inet6 = "^::1" }
      for _, entry in ipairs(found) do
        assert(entry.addr:find(families[entry.family]), show(found))
      end
      assert(#found >= 1)
      local numeric = dns.getaddrinfo "127.0.0.1"
      assert(show(numeric) == "{1={addr=127.0.0.1 family=inet}}", show(numeric))
    ]]
  end)

  it("looks up names of hosts and services", function()
    run [[
      local names, service = dns.getnameinfo("127.0.0.1", "http")
      assert(#names == 1 and service == "http", service)
      local only, none = dns.getnameinfo "127.0.0.1"
      assert(#only == 1 and none == nil)
      local nobody, ftp = dns.getnameinfo(nil, "21")
      assert(#nobody == 0 and ftp == "ftp", ftp)
    ]]
  end)

  it("tells why it fails", function()
    run [[
      for call, expected in pairs {
        ["toip a\0b"] = "host not found",
        ["tohostname a\0b"] = "host not found",
        ["getaddrinfo a\0b"] = "host or service not provided, or not known",
        ["getaddrinfo "] = "host or service not provided, or not known",
        ["getnameinfo 1.2.3.4.5.6 "] = "host or service not provided, or not known",
      } do
        local name, argument = call:match "^(%S+) (.*)$"
        local found = pack(dns[name](argument))
        assert(found == ("{2=%s n=2}"):format(expected), call .. found)
      end
      assert(pack(dns.getnameinfo("127.0.0.1", "no such service")) == "{2=service not supported for socket type n=2}")
    ]]
  end)

  it("refuses wrong arguments", function()
    run [[
      for _, name in ipairs { "toip", "tohostname", "getaddrinfo" } do
        local ok, message = pcall(dns[name])
        assert(message == ("bad argument #1 to '%s' (string expected, got no value)"):format(name), message)
      end
      local ok, message = pcall(dns.getnameinfo)
      assert(not ok and message:find "cannot both be nil", message)
    ]]
  end)

  it("lets other tasks run while a name is looked up", function()
    run [[
      local tasks = require "bsdsocket.tasks"
      local ran = 0
      tasks.run(function()
        local other = tasks.spawn(function()
          ran = ran + 1
        end)
        assert(dns.toip "localhost" == "127.0.0.1")
        assert(ran == 1)
        assert(#dns.getaddrinfo "localhost" >= 1)
        assert(dns.getnameinfo("127.0.0.1", "http"))
      end)
    ]]
  end)

  it("calls audit hooks", function()
    run [[
      local bsdsocket, events = require "bsdsocket", {}
      bsdsocket.addaudithook(function(event)
        events[#events + 1] = event
      end)
      dns.toip "localhost"
      dns.tohostname "127.0.0.1"
      dns.getaddrinfo "localhost"
      dns.getnameinfo "127.0.0.1"
      dns.gethostname()
      local expected = "socket.gethostbyname socket.gethostbyaddr socket.getaddrinfo socket.getaddrinfo "
        .. "socket.getnameinfo socket.gethostname"
      assert(table.concat(events, " ") == expected, table.concat(events, " "))
    ]]
  end)

  -- Look-ups that a name server does not answer.
  local FILES = { ["/etc/resolv.conf"] = "nameserver 127.0.0.9\n", ["/etc/hosts"] = "127.0.0.1 localhost\n" }
  local SILENT = [[
    local bsdsocket = require "bsdsocket"
    local server = assert(bsdsocket.socket { type = bsdsocket.SOCK_DGRAM })
    assert(server:bind { "127.0.0.9", 53 })
  ]]
  local function hangs(title, expected, program)
    it(title, function()
      if not namespace.available then
        return skip "a name server that does not answer: there is no namespace for it"
      end
      local began = tasks.now()
      local output, complaints, status = namespace.run(BEGINNING .. SILENT .. program, FILES)
      -- The resolver itself gives up after ten seconds.
      assert.is_true(tasks.now() - began < 4 * network.patience)
      assert.same({ "", expected.status }, { output, status })
      assert.is_truthy(complaints:find(expected.complaint, 1, true), complaints)
    end)
  end

  hangs(
    "ends a look-up at Ctrl-C",
    { status = 1, complaint = "interrupted!" },
    [[
    local pid = assert(io.open "/proc/self/stat"):read "*n"
    os.execute(("(sleep 0.2; kill -INT %d) >/dev/null 2>&1 &"):format(pid))
    print(dns.toip "a.example")
  ]]
  )

  hangs(
    "ends a look-up with the time of its task",
    { status = 0, complaint = "" },
    [[
    local tasks = require "bsdsocket.tasks"
    tasks.run(function()
      for _, name in ipairs { "toip", "tohostname", "getaddrinfo", "getnameinfo" } do
        local found = pack(tasks.timeout_after(0.02, dns[name], "a.example"))
        assert(found:find "timeout", found)
      end
    end)
  ]]
  )

  if library.has "socket.core" then
    it("returns what LuaSocket's returns", function()
      run [[
        local ours = dns
        package.preload["socket.core"] = nil
        local theirs = require("socket.core").dns
        for _, case in ipairs {
          { "toip", "localhost" },
          { "toip", "127.0.0.1" },
          { "toip", "0x7f.1" },
          { "toip", "" },
          { "toip", "a..b" },
          { "tohostname", "localhost" },
          { "tohostname", "127.0.0.1" },
          { "getaddrinfo", "localhost" },
          { "getaddrinfo", "::1" },
          { "getaddrinfo", "a..b" },
          { "getnameinfo", "127.0.0.1", "80" },
          { "getnameinfo", "localhost", "http" },
          { "getnameinfo", "::1" },
          { "getnameinfo", nil, "http" },
          { "getnameinfo", "", "" },
          { "gethostname" },
        } do
          local name, a, b = case[1], case[2], case[3]
          local expected, found = pack(theirs[name](a, b)), pack(ours[name](a, b))
          if expected ~= found then
            print(name, a, b, found, "expected", expected)
          end
        end
      ]]
    end)
  end
end)
