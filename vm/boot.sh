#!/bin/bash
# Boots the guest with the folder OVER laid over its file system, prints its output, and exits with the status of
# /run.sh; with 124 after a timeout, and 125 if there was no status. What the guest writes to /dev/ttyS1 is saved in
# target/vm/kept.tar.gz.
#
#     vm/boot.sh OVER [words of the kernel's command line ...]
set -euo pipefail

OVER=$(readlink -f "$1")
shift
cd "$(dirname "$0")/.."

VM=$PWD/target/vm
HOST=$VM/unpacked/host
VERSION=$(ls "$VM/unpacked/kernel/lib/modules")
LIBRARIES=$HOST/lib/x86_64-linux-gnu:$HOST/usr/lib/x86_64-linux-gnu:$HOST/usr/lib/x86_64-linux-gnu/pulseaudio

# The kernel accepts several archives in a row; later files replace earlier ones.
INITRD=$(mktemp "$VM/initrd.XXXXXX")
trap 'rm -f "$INITRD"' EXIT
cp "$VM/base.cpio" "$INITRD"
(cd "$OVER" && find . -print0 | "$HOST/bin/cpio" -o0 -H newc -R 0:0 --quiet) >>"$INITRD"

# A device that ends the machine when the guest writes to its port; qemu exits with twice the value plus one.
STATUS_DEVICE=isa-debug-exit,iobase=0xf4,iosize=0x04

set +e
QEMU_MODULE_DIR=$HOST/usr/lib/x86_64-linux-gnu/qemu timeout "${VM_TIMEOUT:-240}" \
  "$HOST/lib64/ld-linux-x86-64.so.2" --library-path "$LIBRARIES" "$HOST/usr/bin/qemu-system-x86_64" \
  -L "$HOST/usr/share/qemu" -L "$HOST/usr/share/seabios" \
  -machine pc -accel tcg,thread=multi,tb-size=512 -cpu max -smp 2 -m 1024 \
  -nodefaults -no-user-config -display none -nic none -no-reboot -monitor none \
  -kernel "$VM/unpacked/kernel/boot/vmlinuz-$VERSION" -initrd "$INITRD" \
  -append "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off random.trust_cpu=on $*" \
  -serial stdio -serial "file:$VM/kept.tar.gz" -device "$STATUS_DEVICE" </dev/null | tr -d '\r'
status=${PIPESTATUS[0]}

if [ "$status" = 124 ]; then
  echo "vm: the guest timed out" >&2
  exit 124
elif [ $((status & 1)) = 1 ]; then
  exit $((status >> 1))
else
  echo "vm: the guest reported no status" >&2
  exit 125
fi
