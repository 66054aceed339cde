# Functions for the scripts of suites.lua.

# Starts a server, which the end of the namespace ends.
serve() {
  "$@" >server.log 2>&1 &
}

# Starts one of the servers of programs/servers.lua, with the library's own interface.
serve_own() {
  LUA_INIT='' LUA_CPATH=$native lua5.4 "$programs/servers.lua" "$1" "$2" >server.log 2>&1 &
  await tcp "$2"
}

# Waits until a port is listened on, or a path is a socket.
await() {
  tries=0
  case $1 in
    tcp) test=$(printf 'grep -qi ":%04X [0-9A-F:]* 0A" /proc/net/tcp /proc/net/tcp6' "$2") ;;
    unix) test="test -S $2" ;;
  esac
  until eval "$test"; do
    tries=$((tries + 1))
    test $tries -lt 200 || { echo "nobody listens: $*"; cat server.log; exit 1; }
    sleep 0.02
  done
}

# Runs a program that must end with status 0 and print a text.
prints() {
  text=$1
  shift
  timeout 150 "$@" >out 2>&1
  status=$?
  tail -n 40 out
  test $status = 0 && grep -qF -e "$text" out
}

# The certificates of LuaSec's samples, made once for all suites; `$samples` is a copy of the samples.
certificates() {
  samples=$PWD/samples
  cp -r "$sources/luasec/samples" .
  cp "$sources/certs/"*.pem samples/certs/
}
