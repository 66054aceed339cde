#!/bin/sh
# Prepares bench/run.py, with the argument `scale` bench/scale/run.py: installs the
# libraries to compare (Debian packages, only missing ones; for the latter also from
# crates.io and PyPI), builds the programs, and links this project's modules, all
# under target/bench. Safe to run again.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/target/bench
cflags="-O2 -Wall -Wextra"

# install PACKAGE...: installs those that are missing.
install() {
  missing=
  for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  sudo=
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q
  # shellcheck disable=SC2086 # a list of words
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

# build_floor FLAVOUR HEADERS: the C module for one Lua.
build_floor() {
  mkdir -p "$out/$1"
  # shellcheck disable=SC2086 # a list of words
  cc $cflags -fPIC -shared -I"$2" -o "$out/$1/floor.so" "$root/bench/c/floor.c"
}

# link_module FLAVOUR FOLDER: links this project's module for one Lua from where it was built.
link_module() {
  ln -sf "../../$2/release/libbsdsocket.so" "$out/$1/bsdsocket.so"
  [ -e "$out/$1/bsdsocket.so" ] || echo "setup.sh: target/$2/release/libbsdsocket.so is not built" >&2
}

# try WHAT COMMAND...: runs it; says what is left out when it fails.
try() {
  what=$1
  shift
  "$@" || echo "setup.sh: $what is left out: '$*' failed" >&2
}

build_tokio() {
  cargo build --quiet --release --manifest-path "$root/bench/scale/servers/tokio/Cargo.toml" \
    --target-dir "$out/tokio-build" || return
  cp "$out/tokio-build/release/scale-tokio" "$out/tokio"
}

install_uvloop() {
  install python3-venv || return
  [ -e "$out/venv/bin/python" ] || /usr/bin/python3 -m venv "$out/venv" || return
  "$out/venv/bin/python" -m pip install --quiet --disable-pip-version-check uvloop
}

if [ "${1:-}" = scale ]; then
  install gcc libc6-dev python3 util-linux lua5.4 luajit lua-socket
  for package in lua-luv lua-cqueues lua-copas; do
    try "$package" install "$package"
  done
  mkdir -p "$out/lua5.4" "$out/luajit"
  # shellcheck disable=SC2086 # a list of words
  cc $cflags -o "$out/scale-load" "$root/bench/scale/load.c"
  # shellcheck disable=SC2086 # a list of words
  cc $cflags -o "$out/scale-raw" "$root/bench/scale/servers/raw.c"
  link_module lua5.4 lua54
  link_module luajit luajit
  try tokio build_tokio
  try uvloop install_uvloop
  exit
fi

install gcc libc6-dev python3 util-linux \
  lua5.4 liblua5.4-dev luajit libluajit-5.1-dev lua5.1 liblua5.1-0-dev \
  lua-socket lua-luv lua-cqueues lua-posix

mkdir -p "$out"
# shellcheck disable=SC2086 # a list of words
cc $cflags -o "$out/raw" "$root/bench/c/raw.c"
build_floor lua5.4 /usr/include/lua5.4
build_floor luajit /usr/include/luajit-2.1
link_module lua5.4 lua54
link_module luajit luajit
# shellcheck disable=SC2086 # a list of words
cc $cflags -rdynamic -I"$root/include" -I/usr/include/lua5.4 -o "$out/host" "$root/bench/c/host.c" \
  "$out/lua5.4/bsdsocket.so" -Wl,-rpath,"$out/lua5.4" -llua5.4 -lpthread

# Where the luaposix package has no build for Lua 5.4, it is measured on Lua 5.3;
# the floor is then needed there too, as the clock.
if ! lua5.4 -e 'require "posix.sys.socket"' 2>/dev/null; then
  install lua5.3 liblua5.3-dev
  build_floor lua5.3 /usr/include/lua5.3
fi
