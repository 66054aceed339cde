#!/bin/bash
# Downloads Debian's packages into target/vm/packages, and unpacks them into target/vm/unpacked. Nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

VM=$PWD/target/vm

# The release as first published: later kernels of its updates have been seen to fail in Bluetooth.
RELEASE=$(. /etc/os-release && echo "$VERSION_CODENAME")

# The packages for this machine, and those for the guest, with all their dependencies.
HOST="qemu-system-x86 cpio"
GUEST="busybox-static iproute2 kmod lua5.4 lua-busted netbase python3.11-minimal"

# A separate apt configuration with this machine's sources, in which nothing is installed, so that it resolves all
# dependencies.
own_apt() {
  local command=$1
  shift
  "$command" -qq \
    -o APT::Architecture=amd64 \
    -o APT::Default-Release="$RELEASE" \
    -o APT::Install-Recommends=false \
    -o APT::Sandbox::User=root \
    -o Acquire::Languages=none \
    -o Acquire::Retries=3 \
    -o Debug::NoLocking=true \
    -o Dir::Cache::pkgcache= \
    -o Dir::Cache::srcpkgcache= \
    -o Dir::Etc::preferencesparts="$VM/apt/empty" \
    -o Dir::State::lists="$VM/apt/lists" \
    -o Dir::State::status="$VM/apt/status" \
    "$@"
}

# Creates a folder of packages.
start() {
  rm -rf "$VM/packages/$1"
  mkdir -p "$VM/packages/$1/partial"
}

# Downloads packages for NAME, with all their dependencies.
fetch_all() {
  local name=$1
  shift
  start "$name"
  own_apt apt-get -y --download-only -o Dir::Cache::archives="$VM/packages/$name" install "$@" >/dev/null
}

# Downloads packages for NAME without dependencies.
fetch_alone() {
  local name=$1
  shift
  start "$name"
  (cd "$VM/packages/$name" && own_apt apt-get download "$@")
}

# Unpacks all packages of NAME.
unpack() {
  local name=$1 package
  rm -rf "$VM/unpacked/$name"
  mkdir -p "$VM/unpacked/$name"
  for package in "$VM/packages/$name"/*.deb; do
    dpkg -x "$package" "$VM/unpacked/$name"
  done
}

mkdir -p "$VM/apt/lists/partial" "$VM/apt/empty"
: >"$VM/apt/status"
own_apt apt-get update

# The kernel's dependencies are for booting real machines; Bluetooth's emulator needs only libc.
KERNEL=$(own_apt apt-cache show --no-all-versions linux-image-amd64 | sed -n 's/^Depends: \([^ ,]*\).*/\1/p')
fetch_alone kernel "$KERNEL"
fetch_alone bluetooth bluez-test-tools
# shellcheck disable=SC2086 # the lists are words
fetch_all host $HOST
# shellcheck disable=SC2086
fetch_all guest $GUEST

for name in kernel bluetooth host guest; do
  unpack "$name"
done
