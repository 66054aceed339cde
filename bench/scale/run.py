#!/usr/bin/python3
"""Compares echo servers with many connections: tasks, other libraries, other languages.

A server runs on one core, its clients on another. In each round every server runs once,
one after the other, the C server with level-triggered epoll, which is the floor, both
first and last. A result is the median over the rounds of the ratio to the floor of the
same round. Prints Markdown tables. Run `setup.sh scale` first.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = f"{ROOT}/target/bench"
README = f"{ROOT}/bench/README.md"
BEGIN, END = "<!-- begin of bench-scale -->", "<!-- end of bench-scale -->"
NONE = "–"
FLOOR = "raw C"
KIB, MIB = 1 << 10, 1 << 20
ATTEMPTS = 3
TIME_LIMIT = 60  # seconds for a run
SPARE_DESCRIPTORS = 100


@dataclass
class Column:
    title: str
    connections: int
    active: int
    size: int = 64  # bytes of a request
    buffer: int = 4 * KIB  # of the server
    churns: bool = False


COLUMNS = {
    "100": Column("100", 100, 100),
    "1000": Column("1,000", 1000, 1000),
    "10000": Column("10,000", 10000, 10000),
    "idle": Column("100 of 10,000", 10000, 100),
    "churn": Column("churn", 64, 64, churns=True),
    "large": Column("1 MiB", 16, 16, size=MIB, buffer=64 * KIB),
}


@dataclass
class Server:
    name: str
    command: list
    environment: dict = field(default_factory=dict)
    most: int = 1 << 30  # connections


def lua_server(label, interpreter, script, **environment):
    version = "LuaJIT" if interpreter == "luajit" else interpreter.removeprefix("lua")
    return Server(f"{label} {version}", [interpreter, f"{HERE}/servers/{script}.lua"], environment)


def own_server(label, interpreter, library):
    return lua_server(label, interpreter, "bsdsocket", LUA_CPATH=f"{library}/?.so;;")


def python_server(module, way):
    return Server(f"{module}, {way}", [f"{BUILD}/venv/bin/python", f"{HERE}/servers/python.py", module, way])


def copas_server():
    """Debian's Copas is for Lua 5.1 and 5.2. LuaSocket waits by select(2): for descriptors below 1,024."""
    path = "/usr/share/lua/5.2/?.lua;;"
    server = lua_server("Copas", "lua5.4", "copas", LUA_PATH=path)
    server.most = 1000
    return server


def servers(beside):
    everyone = [
        Server(FLOOR, [f"{BUILD}/scale-raw", "level"]),
        Server("raw C, edge-triggered", [f"{BUILD}/scale-raw", "edge"]),
        own_server("bsdsocket", "lua5.4", f"{BUILD}/lua5.4"),
        own_server("bsdsocket", "luajit", f"{BUILD}/luajit"),
        Server("tokio", [f"{BUILD}/tokio"]),
        lua_server("luv", "lua5.4", "luv"),
        lua_server("luv", "luajit", "luv"),
        lua_server("luv, coroutines", "lua5.4", "luv_coroutines"),
        lua_server("cqueues", "lua5.4", "cqueues"),
        lua_server("cqueues", "luajit", "cqueues"),
        copas_server(),
        python_server("asyncio", "streams"),
        python_server("asyncio", "protocol"),
        python_server("uvloop", "streams"),
        python_server("uvloop", "protocol"),
    ]
    if beside:
        everyone.append(own_server("beside", "lua5.4", f"{beside}/target/lua54/lib"))
        everyone.append(own_server("beside", "luajit", f"{beside}/target/luajit/lib"))
    return everyone


def complain(message):
    print(f"run.py: {message}", file=sys.stderr)


class Failed(Exception):
    pass


def read_line(process):
    line = process.stdout.readline().strip()
    if not line:
        raise Failed((process.stderr.read().strip() or "no answer").splitlines()[0])
    return line


def tell(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def cpu_time(pid):
    """Seconds that the threads of a process have run."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def resident(pid):
    """Bytes of memory that a process has."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) * KIB for line in file if line.startswith("Rss:"))


def start(cpu, command, environment):
    return subprocess.Popen(
        ["taskset", "-c", str(cpu), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        text=True,
    )


def stop(process):
    process.kill()
    process.communicate()


def run(server, column, chosen):
    """One run of a server with its clients."""
    cpus = sorted(os.sched_getaffinity(0))
    sizes = {"BYTES": str(column.size), "BUFFER": str(column.buffer)}
    serving = start(cpus[0], server.command, {**server.environment, **sizes})
    clients = None
    limit = threading.Timer(TIME_LIMIT, lambda: [process.kill() for process in (serving, clients) if process])
    limit.start()
    try:
        port = read_line(serving)
        time.sleep(0.1)  # so that what it does at its start is over
        before = resident(serving.pid)
        numbers = [port, column.connections, column.active, column.size, chosen.warm_up, chosen.seconds]
        way = "churn" if column.churns else "echo"
        clients = start(cpus[-1], [f"{BUILD}/scale-load", *map(str, numbers), way], {})
        read_line(clients)
        time.sleep(0.1 + column.connections / 20000)  # it accepts the last ones
        idle = (resident(serving.pid) - before) / column.connections
        tell(clients)
        read_line(clients)
        used = cpu_time(serving.pid)
        result = json.loads(read_line(clients))
        used = cpu_time(serving.pid) - used
        requests = result["requests"]
        if requests == 0 or result["seconds"] == 0:
            raise Failed("no request was answered in time")
        return {"cpu": used / requests, "rate": requests / result["seconds"], "p99": result["p99"] / 1e3, "idle": idle}
    finally:
        limit.cancel()
        stop(serving)
        if clients:
            stop(clients)


def run_again(server, column, chosen):
    """The same; it may fail where something else keeps the machine busy, and is repeated then."""
    for _ in range(ATTEMPTS - 1):
        try:
            return run(server, column, chosen)
        except (Failed, OSError, ValueError) as failure:
            complain(f"{server.name}: {failure}")
    return run(server, column, chosen)


def measure(everyone, column, chosen, left_out):
    """A list of results by server; those of the round's floor are in each as `floor`."""
    results = {}
    for number in range(chosen.rounds):
        others = [s for s in everyone if s.name != FLOOR and s.name not in left_out and column.connections <= s.most]
        floor = next(s for s in everyone if s.name == FLOOR)
        order = [floor, *(others if number % 2 == 0 else others[::-1]), floor]
        outcomes = {}
        for server in order:
            try:
                outcome = run_again(server, column, chosen)
                outcomes.setdefault(server.name, []).append(outcome)
            except (Failed, OSError, ValueError) as failure:
                if server is floor:
                    raise
                left_out[server.name] = str(failure)
                complain(f"{server.name} is left out: {failure}")
        # The floor is the mean of the runs before and after the others.
        runs = outcomes.pop(FLOOR)
        mean = {what: statistics.mean(one[what] for one in runs) for what in runs[0]}
        results.setdefault(FLOOR, []).append({**mean, "floor": mean})
        for name, (outcome,) in outcomes.items():
            results.setdefault(name, []).append({**outcome, "floor": mean})
    return results


def ratio(results, what):
    return statistics.median(one[what] / one["floor"][what] for one in results)


def median(results, what):
    return statistics.median(one[what] for one in results)


def rows(everyone, measured, titles, cell, last=None):
    lines = ["| | " + " | ".join(titles) + " |", "| --- |" + " --- |" * len(titles)]
    for server in everyone:
        cells = [cell(results[server.name]) if server.name in results else NONE for results in measured.values()]
        if all(text == NONE for text in cells):
            continue
        cells += [last(server.name)] if last else []
        lines.append(f"| {server.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def memory(measured):
    """A function that gives a server's bytes per connection, where it has the most of them."""
    columns = [name for name in measured if COLUMNS[name].connections >= 10000]

    def text(name):
        values = [one["idle"] for column in columns for one in measured[column].get(name, [])]
        return f"{statistics.median(values):,.0f}" if values else NONE

    return text if columns else None


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"


def report(everyone, measured, chosen, left_out, loads):
    titles = [COLUMNS[name].title for name in measured]
    bytes_of = memory(measured)
    first = next(iter(measured.values()))[FLOOR]
    parts = [
        f"{machine()}; rounds: {chosen.rounds}, each of {chosen.seconds:g} s a server and column; load average at the "
        f"beginning of the columns: {', '.join(f'{load:.1f}' for load in loads)} (servers and clients add up to 2). "
        f"The C server takes {median(first, 'cpu') * 1e6:.2f} µs for a request in the first column and answers "
        f"{median(first, 'rate'):,.0f} requests a second.",
        rows(
            everyone,
            measured,
            titles + (["bytes"] if bytes_of else []),
            lambda results: f"{ratio(results, 'cpu'):.2f} *{ratio(results, 'rate'):.2f}*",
            bytes_of,
        ),
        "The latency that 99 % of the requests do not exceed, in milliseconds:",
        rows(everyone, measured, titles, lambda results: f"{median(results, 'p99'):.2f}"),
    ]
    parts += [f"Left out: {name} ({reason})." for name, reason in left_out.items()]
    return "\n\n".join(parts)


def write_readme(text):
    with open(README, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    after = rest.split(END)[1]
    with open(README, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def words(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds per column (default 7)")
    parser.add_argument("--seconds", type=float, default=0.6, help="counted in a run (default 0.6)")
    parser.add_argument("--warm-up", type=float, default=0.3, help="seconds not counted before (default 0.3)")
    parser.add_argument("--columns", type=words, default=list(COLUMNS), help=f"of {','.join(COLUMNS)}")
    parser.add_argument("--only", type=words, help="servers whose name contains one of these words")
    parser.add_argument("--beside", metavar="CHECKOUT", help="also measure the modules built there")
    parser.add_argument("--json", metavar="FILE", help="write all results there")
    parser.add_argument("--write", action="store_true", help="write the tables and docs/scale.svg")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.columns if name not in COLUMNS]
    if unknown:
        parser.error(f"no column {', '.join(unknown)}")
    if chosen.rounds < 1:
        parser.error("--rounds must be at least 1")
    return chosen


def columns_within(names, descriptors):
    possible = []
    for name in names:
        if COLUMNS[name].connections + SPARE_DESCRIPTORS <= descriptors:
            possible.append(name)
        else:
            complain(f"column {name} is left out: a process may have {descriptors} descriptors (ulimit -Hn)")
    return possible


def main():
    chosen = options()
    if not os.path.exists(f"{BUILD}/scale-load"):
        sys.exit("run.py: run bench/setup.sh scale first")
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    if len(os.sched_getaffinity(0)) < 2:
        complain("one core for servers and clients: the requests a second mean little")

    everyone, left_out = servers(chosen.beside), {}
    if chosen.only:
        wanted = [s for s in everyone if any(word.lower() in s.name.lower() for word in chosen.only)]
        everyone = [s for s in everyone if s in wanted or s.name == FLOOR]
    measured, loads = {}, []
    for name in columns_within(chosen.columns, descriptors):
        complain(name)
        loads.append(os.getloadavg()[0])
        measured[name] = measure(everyone, COLUMNS[name], chosen, left_out)
    if not measured:
        sys.exit("run.py: no column is possible")
    text = report(everyone, measured, chosen, left_out, loads)
    print(text)
    if chosen.write:
        write_readme(text)
        subprocess.run([f"{HERE}/picture.py"], check=True)
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump({"rounds": chosen.rounds, "seconds": chosen.seconds, "columns": measured}, file, indent=2)
            file.write("\n")


main()
