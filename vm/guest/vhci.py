"""Bluetooth without a radio.

    vhci.py                 two controllers that can reach each other, through the kernel's /dev/vhci
    vhci.py up NUMBER ...   waits for controllers, turns them on, and makes them discoverable

The controllers implement Bluetooth 1.1, without Low Energy and secure pairing. They answer the commands of the kernel's
setup, and carry ACL connections (for L2CAP and RFCOMM) and SCO connections.
"""

import errno
import fcntl
import os
import select
import struct
import sys
import time

# The C part of the module socket is sufficient, and loads faster.
import _socket

COMMAND, ACL_DATA, SCO_DATA, EVENT = 1, 2, 3, 4
SCO, ACL = 0, 1
OK, PAGE_TIMEOUT = 0, 4

# Addresses 00:02:AA:00:00:01 and 00:02:AA:00:00:02, lowest byte first.
ADDRESSES = [bytes([n, 0, 0, 0xAA, 2, 0]) for n in (1, 2)]
VERSION = struct.pack("<BHBHH", 1, 0, 1, 0x05F1, 0)
# Packets of three and five slots, encryption, role switch; SCO links with HV2 and HV3 packets.
FEATURES = bytes([0x27, 0x38, 0, 0, 0, 0, 0, 0])

# The length of the answers to commands that are not implemented; 64 if the length does not matter.
LENGTHS = {0x0C03: 1, 0x0C05: 1, 0x0C13: 1, 0x0C16: 1, 0x0C1A: 1, 0x0C23: 4, 0x0C24: 1, 0x0C38: 2, 0x0C39: 5}


class Pair:
    def __init__(self):
        self.descriptors = [os.open("/dev/vhci", os.O_RDWR) for _ in range(2)]
        for descriptor in self.descriptors:
            os.write(descriptor, b"\xff\x00")  # create a controller
        self.next_handle = 1
        # The link type that each side has been asked for.
        self.asked = {}

    def event(self, side, code, parameters):
        packet = struct.pack("BBB", EVENT, code, len(parameters)) + parameters
        os.write(self.descriptors[side], packet)

    def complete(self, side, opcode, answer):
        self.event(side, 0x0E, struct.pack("<BH", 1, opcode) + answer)

    def started(self, side, opcode):
        self.event(side, 0x0F, struct.pack("<BBH", OK, 1, opcode))

    def connected(self, side, status, handle, kind):
        self.event(side, 0x03, struct.pack("<BH", status, handle) + ADDRESSES[1 - side] + bytes([kind, 0]))

    def ask(self, side, kind):
        self.asked[side] = kind
        self.event(side, 0x04, ADDRESSES[1 - side] + b"\0\0\0" + bytes([kind]))

    def command(self, side, opcode, parameters):
        other = 1 - side
        if opcode == 0x1001:  # read local version
            self.complete(side, opcode, b"\0" + VERSION)
        elif opcode == 0x1003:  # read local features
            self.complete(side, opcode, b"\0" + FEATURES)
        elif opcode == 0x1005:  # read buffer size
            self.complete(side, opcode, struct.pack("<BHBHH", OK, 1021, 64, 8, 8))
        elif opcode == 0x1009:  # read address
            self.complete(side, opcode, b"\0" + ADDRESSES[side])
        elif opcode == 0x0C14:  # read local name
            self.complete(side, opcode, b"\0" + b"vhci%d" % side + bytes(243))
        elif opcode == 0x0C25:  # read voice setting
            self.complete(side, opcode, struct.pack("<BH", OK, 0x0060))
        elif opcode == 0x080D:  # write link policy
            self.complete(side, opcode, b"\0" + parameters[:2])
        elif opcode == 0x0405:  # create connection
            self.started(side, opcode)
            if parameters[:6] == ADDRESSES[other]:
                self.ask(other, ACL)
            else:
                self.event(side, 0x03, bytes([PAGE_TIMEOUT, 0, 0]) + parameters[:6] + bytes([ACL, 0]))
        elif opcode == 0x0407:  # add SCO connection
            self.started(side, opcode)
            self.ask(other, SCO)
        elif opcode == 0x0409:  # accept connection
            self.started(side, opcode)
            kind, handle = self.asked.pop(side), self.next_handle
            self.next_handle += 1
            self.connected(side, OK, handle, kind)
            self.connected(other, OK, handle, kind)
        elif opcode == 0x040A:  # reject connection
            self.started(side, opcode)
            self.connected(other, parameters[6], 0, self.asked.pop(side))
        elif opcode == 0x0406:  # disconnect
            self.started(side, opcode)
            self.event(side, 0x05, b"\0" + parameters[:2] + b"\x16")
            self.event(other, 0x05, b"\0" + parameters[:2] + parameters[2:3])
        elif opcode == 0x041B:  # read remote features
            self.started(side, opcode)
            self.event(side, 0x0B, b"\0" + parameters[:2] + FEATURES)
        elif opcode == 0x041D:  # read remote version
            self.started(side, opcode)
            self.event(side, 0x0C, b"\0" + parameters[:2] + struct.pack("<BHH", 1, 0x05F1, 0))
        elif opcode == 0x0419:  # remote name request
            self.started(side, opcode)
            self.event(side, 0x07, b"\0" + parameters[:6] + b"vhci" + bytes(244))
        elif opcode == 0x040F:  # change packet type
            self.started(side, opcode)
            self.event(side, 0x1D, b"\0" + parameters[:4])
        elif opcode == 0x0401:  # inquiry
            self.started(side, opcode)
            self.event(side, 0x02, b"\1" + ADDRESSES[other] + bytes(8))
            self.event(side, 0x01, b"\0")
        else:
            self.complete(side, opcode, bytes(LENGTHS.get(opcode, 65)))

    def packet(self, side, packet):
        kind = packet[0]
        if kind == COMMAND:
            opcode, length = struct.unpack("<HB", packet[1:4])
            self.command(side, opcode, packet[4:4 + length])
        elif kind == ACL_DATA:
            (header,) = struct.unpack("<H", packet[1:3])
            handle, continued = header & 0xFFF, header >> 12 & 1
            if not continued:  # the first fragment is marked as flushable
                packet = packet[:1] + struct.pack("<H", handle | 0x2000) + packet[3:]
            os.write(self.descriptors[1 - side], packet)
            self.event(side, 0x13, struct.pack("<BHH", 1, handle, 1))  # one packet completed
        elif kind == SCO_DATA:
            os.write(self.descriptors[1 - side], packet)

    def run(self):
        while True:
            for descriptor in select.select(self.descriptors, [], [])[0]:
                self.packet(self.descriptors.index(descriptor), os.read(descriptor, 4096))


HCIDEVUP, HCISETSCAN, HCIGETDEVINFO = 0x400448C9, 0x400448DD, 0x800448D3
PAGE_AND_INQUIRY = 3


def bring_up(numbers):
    control = _socket.socket(31, 3, 1)  # AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI
    for number in numbers:
        for _ in range(100):
            try:
                fcntl.ioctl(control.fileno(), HCIGETDEVINFO, bytearray(struct.pack("H", number) + bytes(90)))
                break
            except OSError:
                time.sleep(0.05)
        for request, argument in ((HCIDEVUP, number), (HCISETSCAN, struct.pack("HxxI", number, PAGE_AND_INQUIRY))):
            try:
                fcntl.ioctl(control.fileno(), request, argument)
            except OSError as error:
                # It is up already, or it is for Low Energy only, which has no page scan.
                if error.errno not in (errno.EALREADY, errno.EOPNOTSUPP):
                    raise


if sys.argv[1:2] == ["up"]:
    bring_up([int(number) for number in sys.argv[2:]])
else:
    Pair().run()
