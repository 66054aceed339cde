#!/usr/bin/python3
"""Compares what a socket call costs: this project's module, the C floor, other libraries.

A round runs every contestant three times on one core, in turns, and keeps the best
time of each, because sometimes the kernel places the sockets of a process so that all
its calls are 20 % slower. The result is the median over the rounds of the ratio of a
contestant's time to its reference's in the same round. Prints Markdown tables. Run
setup.sh first.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(os.path.dirname(HERE), "target", "bench")
PYTHON = "/usr/bin/python3"
NONE = "–"

RAW = "raw C"
FLOOR = {"lua5.4": "floor 5.4", "luajit": "floor LuaJIT"}

# Turns per batch, so that a batch takes some milliseconds.
TURNS = {
    "pp1": 6000,
    "pp64": 6000,
    "pp16384": 2000,
    "pp65536": 1000,
    "into16384": 2000,
    "into65536": 1000,
    "ppt": 6000,
    "udp": 3000,
    "udpt": 3000,
    "client": 3000,
    "opt": 30000,
    "tmo": 200000,
    "acc": 300,
    "acct": 300,
    "lines": 1000000,  # all lines of a file, read once
    "all": 64 << 20,  # bytes that are read at once
}
# Tests that have contestants and a table of their own.
LINES, ALL = "lines", "all"
TITLES = {
    "pp1": "1 B",
    "pp64": "64 B",
    "pp16384": "16 KiB",
    "pp65536": "64 KiB",
    "into16384": "16 KiB into",
    "into65536": "64 KiB into",
    "ppt": "1 B, timeout",
    "udp": "UDP",
    "udpt": "UDP, tables",
    "client": "UDP, client",
    "opt": "getsockopt",
    "tmo": "gettimeout",
    "acc": "accept",
    "acct": "accept, tables",
}
TIME_LIMIT = 60  # seconds per process
PASSES = 3  # per round
REQUIRE_SAMPLES = 15
GARBAGE_TURNS = "200"  # per batch, so that LuaJIT has compiled the loop before


@dataclass
class Contestant:
    name: str
    command: list
    floor: str  # the contestant its times are divided by
    lua: str = ""  # the interpreter, if it is Lua


def lua_contestant(label, interpreter, adapter):
    version = "LuaJIT" if interpreter == "luajit" else interpreter.removeprefix("lua")
    command = [interpreter, f"{HERE}/lua/bench.lua", adapter]
    floor = FLOOR.get(interpreter, FLOOR["lua5.4"])
    return Contestant(f"{label} {version}", command, floor, interpreter)


def luaposix_interpreter():
    """The newest Lua that luaposix is installed for: not every Debian has it for 5.4."""
    for interpreter in ("lua5.4", "lua5.3"):
        command = [interpreter, "-e", 'require "posix.sys.socket"']
        try:
            if subprocess.run(command, capture_output=True).returncode == 0:
                return interpreter
        except FileNotFoundError:
            pass
    return "lua5.4"


def contestants():
    return [
        Contestant(RAW, [f"{BUILD}/raw"], FLOOR["lua5.4"]),
        lua_contestant("floor", "lua5.4", "floor"),
        lua_contestant("bsdsocket", "lua5.4", "bsdsocket"),
        lua_contestant("floor", "luajit", "floor"),
        lua_contestant("bsdsocket", "luajit", "bsdsocket"),
        Contestant("CPython", [PYTHON, f"{HERE}/py/bench.py"], FLOOR["lua5.4"]),
        lua_contestant("LuaSocket", "lua5.4", "luasocket"),
        lua_contestant("LuaSocket", "luajit", "luasocket"),
        lua_contestant("luaposix", luaposix_interpreter(), "posix"),
        lua_contestant("luaposix", "luajit", "posix"),
        lua_contestant("luv", "lua5.4", "luv"),
        lua_contestant("cqueues", "lua5.4", "cqueues"),
    ]


def reading_contestants(test, own):
    """The contestants of a test of reading streams; Lua's own files are the reference."""
    everyone = []
    for interpreter in FLOOR:
        for label, reader in (("bsdsocket", "bsdsocket"), (own, "file"), ("LuaSocket", "luasocket")):
            contestant = lua_contestant(label, interpreter, reader)
            command = [interpreter, f"{HERE}/lua/{test}.lua", reader]
            reference = contestant.name.replace(label, own)
            everyone.append(Contestant(contestant.name, command, reference, interpreter))
    return everyone


def all_contestants():
    python = Contestant("CPython", [PYTHON, f"{HERE}/py/bench.py"], "file:read 5.4")
    return reading_contestants(ALL, "file:read") + [python]


def make_lines():
    """Creates the file of short lines, always the same."""
    path = f"{BUILD}/lines.txt"
    if os.path.exists(path):
        return
    letters = bytes(97 + byte % 26 for byte in range(256))
    source = random.Random(1)
    with open(path + ".new", "wb") as file:
        for _ in range(TURNS[LINES]):
            file.write(source.randbytes(source.randint(5, 35)).translate(letters) + b"\n")
    os.rename(path + ".new", path)


class Runner:
    """Runs a command on one core and reads the number that it prints."""

    def __init__(self, cpu):
        self.prefix = ["taskset", "-c", str(cpu)]
        self.complaints = set()

    def complain(self, command, reason):
        complaint = f"{' '.join(command[:3])}: {reason}"
        if complaint not in self.complaints:
            self.complaints.add(complaint)
            print(f"run.py: {complaint}", file=sys.stderr)

    def result(self, command):
        """The first number after RESULT, or None."""
        numbers = self.results(command)
        return numbers[0] if numbers else None

    def results(self, command):
        """The numbers after RESULT, or None."""
        try:
            done = subprocess.run(
                self.prefix + command, capture_output=True, text=True, timeout=TIME_LIMIT
            )
        except subprocess.TimeoutExpired:
            self.complain(command, f"took more than {TIME_LIMIT} s")
            return None
        for line in done.stdout.splitlines():
            if line.startswith("RESULT "):
                words = line.split()[1:]
                return None if words == ["NA"] else [float(word) for word in words]
        self.complain(command, (done.stderr.strip() or "no result").splitlines()[0])
        return None


def measure_round(runner, running, test):
    """The best time of each contestant that has the test."""
    best = {}
    for number in range(PASSES):
        for contestant in running if number % 2 == 0 else reversed(running):
            if number > 0 and contestant.name not in best:
                continue  # it printed no result in the first pass
            time = runner.result(contestant.command + [test, str(TURNS[test])])
            if time:
                best[contestant.name] = min(time, best.get(contestant.name, time))
    return best


def measure(runner, running, test, rounds):
    """One dictionary of times by contestant per round."""
    times = []
    for number in range(rounds):
        order = running if number % 2 == 0 else running[::-1]
        if times:
            order = [contestant for contestant in order if contestant.name in times[0]]
        times.append(measure_round(runner, order, test))
    return times


def median_ratio(times, name, reference):
    ratios = [best[name] / best[reference] for best in times if name in best and reference in best]
    return statistics.median(ratios) if ratios else None


def summary(times, running):
    """Nanoseconds, ratio to raw C and ratio to the floor, by contestant."""
    rows = {}
    for contestant in running:
        name = contestant.name
        measured = [best[name] for best in times if name in best]
        if measured:
            rows[name] = {
                "ns": statistics.median(measured),
                "raw": median_ratio(times, name, RAW),
                "floor": median_ratio(times, name, contestant.floor),
            }
    return rows


def table(results, shown):
    lines = [
        "| | " + " | ".join(TITLES[test] for test in results) + " |",
        "| --- |" + " --- |" * len(results),
    ]
    for contestant in shown:
        cells = []
        for rows in results.values():
            ratio = rows.get(contestant.name, {}).get("floor")
            cells.append(f"{ratio:.2f}" if ratio else NONE)
        lines.append(f"| {contestant.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def garbage_table(runner, results, shown):
    """Bytes of Lua heap that a turn takes until they are collected."""
    tests = list(results)
    lines = [
        "| garbage, B | " + " | ".join(TITLES[test] for test in tests) + " |",
        "| --- |" + " --- |" * len(tests),
    ]
    for contestant in shown:
        if not contestant.lua:
            continue
        cells = []
        for test in tests:
            numbers = contestant.name in results[test] and runner.results(contestant.command + [test, GARBAGE_TURNS])
            cells.append(f"{numbers[2]:.0f}" if numbers else NONE)
        lines.append(f"| {contestant.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def line_table(rows, shown):
    """One row per reader, one column per Lua."""
    labels = dict.fromkeys(contestant.name.rsplit(" ", 1)[0] for contestant in shown)
    versions = dict.fromkeys(contestant.name.rsplit(" ", 1)[1] for contestant in shown)
    lines = ["| lines | " + " | ".join(versions) + " |", "| --- |" + " --- |" * len(versions)]
    for label in labels:
        cells = []
        for version in versions:
            ratio = rows.get(f"{label} {version}", {}).get("floor")
            cells.append(f"{ratio:.2f}" if ratio else NONE)
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def all_table(runner, rows, shown):
    """One line per reader: milliseconds, the ratio to Lua's own files, and the most memory."""
    lines = ["| 64 MiB at once | ms | ratio | MiB |", "| --- | --- | --- | --- |"]
    for contestant in shown:
        row = rows.get(contestant.name)
        if row:
            most = runner.results(contestant.command + [ALL, str(TURNS[ALL])])[1]
            lines.append(f"| {contestant.name} | {row['ns'] / 1e6:.0f} | {row['floor'] or 1:.2f} | {most:.0f} |")
    return "\n".join(lines)


def machine():
    """One line about the machine."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        text = file.read()
    model = next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), "unknown")
    kind = "virtual machine" if " hypervisor" in text else "no virtual machine"
    system = os.uname()
    return f"{model}, {os.cpu_count()} CPUs, {kind}, {system.sysname} {system.release}, load {os.getloadavg()[0]:.1f}"


def footprint(runner, interpreter, module):
    """Lua heap per socket in bytes, the time of `require` and of opening in another state in microseconds."""
    heap = runner.result([interpreter, f"{HERE}/lua/memory.lua", module])
    if heap is None:
        return None
    samples = [runner.result([interpreter, f"{HERE}/lua/require.lua", module]) for _ in range(REQUIRE_SAMPLES)]
    samples = [sample for sample in samples if sample is not None]
    opened = runner.results([interpreter, f"{HERE}/lua/open.lua", module]) or (None, None)
    return {
        "heap": heap,
        "require": statistics.median(samples) if samples else None,
        "open": opened[0],
        "state": opened[1],
    }


def amount(value, unit):
    return NONE if value is None else f"{value:.0f} {unit}"


def footprints(runner, shown):
    """One line per Lua, and its numbers."""
    lines, numbers = [], {}
    for contestant in shown:
        if not contestant.name.startswith("bsdsocket"):
            continue
        own = footprint(runner, contestant.lua, "bsdsocket")
        floor = footprint(runner, contestant.lua, "floor")
        if own is None or floor is None:
            continue
        numbers[contestant.name], numbers[contestant.floor] = own, floor
        lines.append(
            f"{contestant.name}: {amount(own['heap'], 'B')} of Lua heap a socket "
            f"(floor {amount(floor['heap'], 'B')}), `require` {amount(own['require'], 'µs')} "
            f"(floor {amount(floor['require'], 'µs')}), another Lua state {amount(own['open'], 'µs')} "
            f"and {amount(own['state'], 'KiB')} (floor {amount(floor['open'], 'µs')} and "
            f"{amount(floor['state'], 'KiB')})."
        )
    return lines, numbers


def words(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds per test (default 9)")
    parser.add_argument("--tests", type=words, default=list(TURNS), help=f"of {','.join(TURNS)}")
    parser.add_argument("--only", type=words, help="contestants whose name contains one of these words")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)), help="the core to run on")
    parser.add_argument("--json", metavar="FILE", help="write times and ratios there")
    chosen = parser.parse_args()
    unknown = [test for test in chosen.tests if test not in TURNS]
    if unknown:
        parser.error(f"no test {', '.join(unknown)}")
    if chosen.rounds < 1:
        parser.error("--rounds must be at least 1")
    return chosen


def select(everyone, only):
    """The contestants to show, and those to run: including references."""
    shown = everyone
    if only:
        shown = [c for c in everyone if any(word.lower() in c.name.lower() for word in only)]
    references = {RAW} | {c.floor for c in shown}
    return shown, [c for c in everyone if c in shown or c.name in references]


def main():
    chosen = options()
    if not os.path.exists(f"{BUILD}/raw"):
        sys.exit("run.py: run bench/setup.sh first")
    shown, running = select(contestants(), chosen.only)
    readers, reading = select(reading_contestants(LINES, "file:lines"), chosen.only)
    wholes, whole = select(all_contestants(), chosen.only)

    runner = Runner(chosen.cpu)
    results = {}
    for test in chosen.tests:
        print(f"run.py: {test}", file=sys.stderr)
        if test == LINES:
            make_lines()
        those = {LINES: reading, ALL: whole}.get(test, running)
        results[test] = summary(measure(runner, those, test, chosen.rounds), those)
    calls = {test: rows for test, rows in results.items() if test not in (LINES, ALL)}
    lines, numbers = footprints(runner, shown) if calls else ([], {})

    if calls:
        print(table(calls, shown))
        print(f"\n{garbage_table(runner, calls, shown)}")
    for line in lines:
        print(f"\n{line}")
    if LINES in results and readers:
        print(f"\n{line_table(results[LINES], readers)}")
    if ALL in results and wholes:
        print(f"\n{all_table(runner, results[ALL], wholes)}")
    print(f"\n{machine()}")
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump({"rounds": chosen.rounds, "tests": results, "footprint": numbers}, file, indent=2)
            file.write("\n")


main()
