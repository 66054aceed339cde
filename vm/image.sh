#!/bin/bash
# Makes target/vm/base.cpio, the guest's file system without the project: the guest's packages, and the kernel modules
# that the families need.
set -euo pipefail
cd "$(dirname "$0")/.."

VM=$PWD/target/vm
GUEST=$VM/unpacked/guest
KERNEL=$VM/unpacked/kernel
ROOT=$VM/root
VERSION=$(ls "$KERNEL/lib/modules")

# The families, what they are carried by, and the algorithms that the specs use.
MODULES="
  can-raw can-bcm can-isotp can-j1939 vcan
  algif_hash algif_skcipher algif_aead algif_rng sha256_generic sha1_generic hmac cbc gcm aes_generic
  ghash-generic ctr drbg jitterentropy_rng
  bluetooth rfcomm hci_vhci ecb cmac
  tipc rds rds_tcp qrtr vsock vsock_loopback sctp udp_tunnel
  llc2 veth dummy
"

# Runs a kmod program of the guest on this machine.
kmod() {
  local name=$1
  shift
  "$GUEST/lib64/ld-linux-x86-64.so.2" \
    --library-path "$GUEST/lib/x86_64-linux-gnu:$GUEST/usr/lib/x86_64-linux-gnu" \
    --argv0 "$name" "$GUEST/bin/kmod" "$@"
}

# The packages, without what the specs do not need.
rm -rf "$ROOT"
cp -a "$GUEST" "$ROOT"
(
  cd "$ROOT"
  rm -rf usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/bash-completion usr/share/debconf
  rm -rf usr/share/perl* usr/bin/perl* usr/lib/x86_64-linux-gnu/perl* usr/bin/dpkg* usr/lib/dpkg var/lib/dpkg
  rm -rf usr/lib/x86_64-linux-gnu/gconv usr/lib/x86_64-linux-gnu/lua/5.[123]
  mkdir -p dev proc sys tmp run var/run
  ln -sf busybox bin/sh
)
cp -a "$VM/unpacked/bluetooth/usr/bin/btvirt" "$ROOT/usr/bin/"
cp -a vm/guest/. "$ROOT/"

# The modules with their dependencies. The kernel's package lacks modules.dep.
kmod depmod -b "$KERNEL" "$VERSION"
for module in $MODULES; do
  kmod modprobe -d "$KERNEL" -S "$VERSION" --show-depends --ignore-install "$module"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
  place=$ROOT${file#"$KERNEL"}
  mkdir -p "$(dirname "$place")"
  cp "$file" "$place"
done
cp "$KERNEL/lib/modules/$VERSION/"modules.{order,builtin,builtin.modinfo} "$ROOT/lib/modules/$VERSION/"
kmod depmod -b "$ROOT" "$VERSION"

# User and group names that the C library looks up.
echo "root:x:0:0:root:/:/bin/sh" >"$ROOT/etc/passwd"
echo "root:x:0:" >"$ROOT/etc/group"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$ROOT/etc/hosts"
printf 'hosts: files\nprotocols: files\nservices: files\n' >"$ROOT/etc/nsswitch.conf"

cd "$ROOT"
find . -print0 | sort -z | "$VM/unpacked/host/bin/cpio" -o0 -H newc -R 0:0 --quiet >"$VM/base.cpio"
