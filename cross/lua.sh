#!/bin/bash
# Builds Lua's own interpreter, from Debian's sources, with the compiler CC.
#
#     CC=compiler cross/lua.sh FILE
set -euo pipefail
cd "$(dirname "$0")/.."

FILE=$1
SOURCE=$PWD/target/cross/source

# A separate apt configuration, with the source packages of this machine's release.
if [ ! -e "$SOURCE/lua.done" ]; then
  rm -rf "$SOURCE"
  mkdir -p "$SOURCE/apt/parts" "$SOURCE/apt/lists/partial" "$SOURCE/lua"
  : >"$SOURCE/apt/status"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    if grep -qs '/debian\b' "$list"; then
      sed 's/^Types: deb$/Types: deb-src/; s/^deb /deb-src /' "$list" >"$SOURCE/apt/parts/${list##*/}"
    fi
  done
  own_apt() {
    apt-get -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root -o Debug::NoLocking=true \
      -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
      -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$SOURCE/apt/parts" \
      -o Dir::State::lists="$SOURCE/apt/lists" -o Dir::State::status="$SOURCE/apt/status" "$@"
  }
  own_apt update
  (cd "$SOURCE" && own_apt --download-only source lua5.4 >/dev/null 2>&1)
  tar -xf "$SOURCE"/lua5.4_*.orig.tar.* -C "$SOURCE/lua" --strip-components=1
  touch "$SOURCE/lua.done"
fi

if [ ! -e "$FILE" ]; then
  mapfile -t files < <(find "$SOURCE/lua/src" -name '*.c' ! -name luac.c)
  "$CC" -O2 -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -Wl,-E -o "$FILE" "${files[@]}" -lm -ldl
fi
