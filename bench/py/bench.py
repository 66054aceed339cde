"""bench.py TEST N   ->   RESULT median best

CPython's own socket module: nanoseconds per turn, 7 batches of N turns. The tests
are those of lua/bench.lua.
"""

import re
import socket
import subprocess
import sys
import time

BATCHES = 7
WARM_UP = 200
ANY_PORT = ("127.0.0.1", 0)
LINGER_0 = b"\1\0\0\0\0\0\0\0"  # struct linger {1, 0}: close resets the connection


def pp(size):
    data = b"x" * size
    a, b = socket.socketpair()

    def loop(turns):
        for _ in range(turns):
            a.send(data)
            b.recv(size)

    return loop


def into(size):
    data = b"x" * size
    a, b = socket.socketpair()
    buffer = bytearray(size)

    def loop(turns):
        for _ in range(turns):
            a.send(data)
            b.recv_into(buffer)

    return loop


def ppt():
    a, b = socket.socketpair()
    a.settimeout(5)
    b.settimeout(5)

    def loop(turns):
        for _ in range(turns):
            a.send(b"x")
            b.recv(1)

    return loop


def udp():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(ANY_PORT)
    b.bind(ANY_PORT)
    address = b.getsockname()
    data = b"x" * 64

    def loop(turns):
        for _ in range(turns):
            a.sendto(data, address)
            _data, _address = b.recvfrom(2048)

    return loop


def client():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(ANY_PORT)
    b.bind(ANY_PORT)
    address = b.getsockname()
    data = b"x" * 64
    clients = {}

    def loop(turns):
        for _ in range(turns):
            a.sendto(data, address)
            received, sender = b.recvfrom(2048)
            found = clients.get(sender)
            if found is None:
                found = clients[sender] = [0]
            found[0] += len(received)

    return loop


def opt():
    a, b = socket.socketpair()
    level, option = socket.SOL_SOCKET, socket.SO_RCVBUF

    def loop(turns, _peer=b):
        for _ in range(turns):
            a.getsockopt(level, option)

    return loop


def tmo():
    a, b = socket.socketpair()

    def loop(turns, _peer=b):
        for _ in range(turns):
            a.gettimeout()

    return loop


def acc():
    listener = socket.socket()
    listener.bind(ANY_PORT)
    listener.listen(128)
    address = listener.getsockname()

    def loop(turns):
        for _ in range(turns):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
            client.connect(address)
            server, _address = listener.accept()
            client.close()
            server.close()

    return loop


def read_all(size):
    """Reads to the end of the stream, as lua/all.lua does."""
    a, b = socket.socketpair()
    child = subprocess.Popen(["head", "-c", str(size), "/dev/zero"], stdout=b)
    b.close()
    file = a.makefile("rb")
    first = file.read(1)
    before = memory("VmRSS")
    start = time.perf_counter()
    rest = file.read()
    taken = time.perf_counter() - start
    most = memory("VmHWM") - before
    child.wait()
    assert len(first) + len(rest) == size
    print(f"RESULT {taken * 1e9:.0f} {most / 1024:.1f}")


def memory(name):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


TESTS = {
    "pp": pp,
    "into": into,
    "ppt": ppt,
    "udp": udp,
    "udpt": udp,
    "client": client,
    "opt": opt,
    "tmo": tmo,
    "acc": acc,
    "acct": acc,
}


def prepare(test):
    name, size = re.fullmatch(r"(\D+)(\d*)", test).groups()
    if name not in TESTS:
        return None
    return TESTS[name](int(size)) if size else TESTS[name]()


def main():
    test, turns = sys.argv[1], int(sys.argv[2])
    if test == "all":
        read_all(turns)
        return
    loop = prepare(test)
    if loop is None:
        print("RESULT NA")
        return
    now = time.perf_counter
    times = []
    loop(min(turns, WARM_UP))
    for _ in range(BATCHES):
        start = now()
        loop(turns)
        times.append((now() - start) / turns * 1e9)
    times.sort()
    print(f"RESULT {times[BATCHES // 2]:.2f} {times[0]:.2f}")


main()
