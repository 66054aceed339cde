-- The suites: a name, and the shell script that runs one, with `$lua` the interpreter, `$sources` the folder of the
-- sources, `$programs` that of the programs here, and the functions of `steps.sh`. It runs in a folder, a network and
-- processes of its own. It passes with status 0; 77 says that a package is not there for this Lua. A line `passed N`
-- that it prints counts its checks.

---@type { [1]: string, [2]: string }[]
local suites = {}

local function add(name, script)
  suites[#suites + 1] = { name, script }
end

-- LuaSocket's own tests.

-- Those that are one program, and what they must print in the end; one that goes wrong may exit with status 0.
for _, test in ipairs {
  { "hello.lua", "Hello" },
  { "mimetest.lua", "done in" },
  { "urltest.lua", "passed all tests" },
  { "ltn12test.lua", "with split, merge): ok" },
  { "excepttest.lua", "OK" },
  { "test_bind.lua", "done!" },
  { "test_getaddrinfo.lua", "done!" },
  { "test_socket_error.lua", "Passed!" },
  { "tcp-getoptions", "tcp%-keepintvl" },
  { "udp-zero-length-send", "OK" },
  { "udp-zero-length-send-recv", "ok" },
} do
  local program, expected = test[1], test[2]:gsub("%%", "")
  add(
    "LuaSocket " .. program,
    ("cp -r $sources/luasocket/test/. . && prints '%s' $lua -e 'unpack = unpack or table.unpack' %s"):format(
      expected,
      program
    )
  )
end

-- They need a C core that was built to return how long its calls took: the time is taken around the calls.
local PAIR = [[
cp $sources/luasocket/test/* . 2>/dev/null
sed -i -e 's/socket._DEBUG/true/' -e 's/^\( *\)\(.*\), elapsed = \(data:.*\)$/began = socket.gettime() \2 = \3 \
  elapsed = socket.gettime() - began/' *clnt.lua
serve $lua %ssrvr.lua
await %s
prints '%s' $lua %sclnt.lua]]
add("LuaSocket testclnt.lua", PAIR:format("test", "tcp 8383", "done in", "test"))
add("LuaSocket utestclnt.lua", PAIR:format("utest", "unix luasocket", "done in", "utest"))
add(
  "LuaSocket udpconnect",
  [[
cp $sources/luasocket/test/udpconnect* .
(sleep 1; exec $lua udpconnectclnt.lua 12345) &
timeout 10 $lua -e 'local s = require("socket").udp(); s:setsockname("127.0.0.1", 12345)
  for n = 1, 4 do print(n, s:receivefrom()) end' | tee out && grep -q '^4.*from sc' out]]
)
add(
  "LuaSocket unixstream",
  [[
cp $sources/luasocket/test/unixstream* .
$lua unixstreamsrvr.lua >out 2>&1 &
await unix /tmp/foo
printf 'one\ntwo\n' | $lua unixstreamclnt.lua
wait
grep -q two out]]
)
add(
  "LuaSocket unixdgram",
  [[
cp $sources/luasocket/test/unixdgram* .
serve $lua unixdgramsrvr.lua
await unix /tmp/foo
printf 'one\ntwo\n' | $lua unixdgramclnt.lua >sent
cat sent
grep -q 'two.*/tmp/foo' sent]]
)
add(
  "LuaSocket httptest.lua",
  [[
cp -r $sources/luasocket/test/. .
sed -i -e 's/"http:.*~diego.*"/"http:\/\/localhost" .. prefix .. "\/index.html"/' \
  -e "s/ and e == \"invalid host ''\"//" httptest.lua
chmod -R a+rX . && chmod 1777 . && chmod a+x . cgi/*
apache2 -f $programs/apache.conf
await tcp 80
prints 'passed all tests' $lua httptest.lua]]
)

-- LuaSec's samples.

add(
  "LuaSec oneshot",
  [[
certificates
cd $samples/oneshot
serve $lua server.lua
await tcp 8888
prints 'oneshot test' $lua client.lua]]
)
local SAMPLE = [[
certificates
cd $samples/%s
serve $lua server.lua
await tcp 8888
$lua client.lua]]
for _, sample in ipairs {
  "alpn",
  "chain",
  "digest",
  "ecdh",
  "info",
  "verify",
  "wantread",
  "want",
} do
  add("LuaSec " .. sample, SAMPLE:format(sample))
end
for _, sample in ipairs { "loop", "loop-gc" } do
  add(
    "LuaSec " .. sample,
    ([[
certificates
cd $samples/%s
serve $lua server.lua
await tcp 8888
timeout 3 $lua client.lua
test $? = 124]]):format(sample)
  )
end

-- redis-lua.

add(
  "redis-lua test_client.lua",
  [[
redis-server --save '' --bind 127.0.0.1 --daemonize yes >/dev/null
await tcp 6379
LUA_PATH="$sources/redis-lua/src/?.lua;$programs/?.lua;$LUA_PATH" $lua $sources/redis-lua/test/test_client.lua]]
)

-- copas, which needs two libraries that are not packaged for each Lua. Tests that speak with the Internet are left out.

for _, test in ipairs {
  "close",
  "errhandlers",
  "exit",
  "exittest",
  "http-timeout",
  "largetransfer",
  "lock",
  "loop_starter",
  "no_luasocket",
  "pause",
  "queue",
  "removeserver",
  "removethread",
  "semaphore",
  "starve",
  "tcptimeout",
  "timeout_errors",
  "timer",
  "tls-sni",
  "udptimeout",
} do
  add(
    "copas " .. test .. ".lua",
    ([[
cp -r $sources/copas/. .
cp $sources/certs/*.pem tests/certs/
export LUA_PATH="src/?.lua;$programs/?.lua$LUA_PATH"
timeout 60 $lua tests/%s.lua]]):format(test)
  )
end

-- The programs here, and the server that each one needs.

local HTTP = "serve_own http 8080\n"
local COPAS = 'export LUA_PATH="$sources/copas/src/?.lua;$programs/?.lua;$LUA_PATH"\n'
for program, server in pairs {
  http = HTTP,
  smtp = "serve_own smtp 2525\n",
  ftp = "serve_own ftp 2121\n",
  pumps = "",
  copas_many = COPAS,
  copas_http = COPAS .. HTTP,
  copas_timeouts = COPAS,
  https = [[
certificates
serve openssl s_server -quiet -www -accept 8443 -cert samples/certs/serverAcert.pem -key samples/certs/serverAkey.pem
await tcp 8443
]],
  debugger = "",
  redis_commands = [[
export LUA_PATH="$sources/redis-lua/src/?.lua;$LUA_PATH"
redis-server --save '' --bind 127.0.0.1 --daemonize yes >/dev/null
await tcp 6379
]],
  logging_socket = "",
  xmlrpc_call = HTTP,
  soap_call = HTTP,
} do
  add("program " .. program, server .. "timeout 60 $lua $programs/" .. program .. ".lua")
end
table.sort(suites, function(a, b)
  return a[1] < b[1]
end)

return suites
