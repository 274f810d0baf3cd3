#!/usr/bin/env python3
"""Compares messageToHash with a bare hyper server, and the durable store with memory.

`redis` compares the server on Redis with axum and a deadpool-redis connection per request, measures a Cluster whose
primary is killed or paused, and copies messages to one. `plots` measures and draws the plots of docs/benchmarks.

The server has one core and wrk another. The servers take turns within each round, so that other processes disturb all
servers alike. Read the ratios, not the absolute figures. `server` and `wrk` are the shares of their cores that were in
use: the server limits a rate only where `server` is near 100 %. CPU us is the server's user and system time per
request. The exit code is 1 if any request failed.
"""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # leaves no files between the sources

import report
from groups import REPORTS, TABLES
from groups.instructions import show_instructions
from servers import Bench, first_line

ROOT = Path(__file__).resolve().parents[2]
BUILD = ["cargo", "build", "--release", "--locked", "--bins", "--examples", "-p", "message-to-hash"]
TOOLS = ["taskset", "chrt", "wrk", "openssl"]
SUITE_TOOLS = {None: [], "redis": ["redis-server", "redis-cli"], "plots": ["gnuplot"]}


def main():
    """Builds, measures and prints; returns the exit code."""
    options = parse_arguments()
    # An exception, so that the context managers stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tools = ["taskset", "valgrind"] if options.instructions else TOOLS
    tools = tools + SUITE_TOOLS[options.suite]
    missing = [program for program in tools if shutil.which(program) is None]
    if missing:
        print(f"install first: {', '.join(missing)}", file=sys.stderr)
        return 1
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("two cores are needed: one for the server, one for wrk", file=sys.stderr)
        return 1
    if subprocess.run(BUILD, cwd=ROOT, check=False).returncode:
        return 1
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    os.sched_setaffinity(0, cores[1:])  # this script, and wrk as its child
    # In the target folder, since the system's temporary folder may be in memory.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=target) as folder:
        bench = Bench(options, target / "release", folder, cores)
        show_header(options, folder)
        if options.instructions:
            show_instructions(bench)
            return 0
        return measure(bench)


def parse_arguments():
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="build.sh bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "suite", nargs="?", choices=["redis", "plots"], help="the groups on Redis, or the plots, instead of the others"
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each server (%(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="length of a round (%(default)s)")
    parser.add_argument(
        "--connections", type=int, action="append", help="wrk's connections, instead of each group's own; repeatable"
    )
    parser.add_argument("--keys", type=int, default=20_000, help="stored messages to read from (%(default)s)")
    names = {suite: [*TABLES[suite], *REPORTS[suite]] for suite in TABLES}
    parser.add_argument(
        "--only", action="append", metavar="GROUP", help="measure only this group; repeatable; " + "; ".join(
            f"{'with ' + suite if suite else 'one'} of {', '.join(names[suite])}" for suite in names
        ),
    )  # fmt: skip
    parser.add_argument(
        "--instructions", action="store_true", help="count instructions by callgrind instead (no wrk)"
    )
    options = parser.parse_args()
    if min(options.rounds, options.seconds, *(options.connections or ()), options.keys) < 1:
        parser.error("numbers start at 1")
    options.only = options.only or names[options.suite]
    if unknown := set(options.only) - set(names[options.suite]):
        parser.error(f"--only: there is no {', '.join(unknown)}")
    if options.instructions and options.suite:
        parser.error(f"--instructions are not counted with {options.suite}")
    return options


def measure(bench):
    """Measures the groups of the suite, and prints each one when it is done; returns the exit code."""
    options, groups, failed = bench.options, [], 0
    for name, (run, connections) in TABLES[options.suite].items():
        if name not in options.only:
            continue
        for number in options.connections or connections:
            groups.append(group := run(bench, number))
            failed += report.show(group)
    report.show_comparisons(groups)
    for name, run in REPORTS[options.suite].items():
        if name in options.only:
            failed += run(bench)
    if failed:
        print(f"*** {failed} requests FAILED ***")
    return 1 if failed else 0


def show_header(options, folder):
    """Prints the command, the machine, the versions and the rounds."""
    print("build.sh bench", *sys.argv[1:])
    cpu = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    machine = f"{cpu.partition(':')[2].strip()}, {os.cpu_count()} cores, Linux {platform.release()}"
    print(f"  machine   {machine}, data on {first_line('stat', '-f', '-c', '%T', folder)}")
    commit = first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    tool = first_line("valgrind", "--version") if options.instructions else first_line("wrk", "-v").split(" [")[0]
    print(f"  versions  message-to-hash {commit}, {first_line('rustc', '--version')}, {tool}")
    if options.suite == "redis":
        print(f"            {first_line('redis-server', '--version')}")
    if not options.instructions:
        others = "wrk and redis-server" if options.suite == "redis" else "wrk"
        how = f"interleaved; medians; the server on one core, {others} on another"
        print(f"  rounds    {options.rounds} of {options.seconds} s, {how}")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)
