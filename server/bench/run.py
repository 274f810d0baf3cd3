#!/usr/bin/env python3
"""Measures messageToHash against a bare hyper server, the durable store against memory, and what it takes.

With `redis`: on Redis, against axum with a deadpool-redis connection checked out for each request, redis-server
beside wrk; what clients see of a Cluster while one of its primaries is killed or paused; and `copy` to one. With
`plots`: what docs/benchmarks shows as plots, figures (CSV) and SVG, which are written there.

The server has one core to itself and wrk another; servers take turns within each round, so what else the
machine does meets all of them alike. Read the ratios, not the absolute figures. `server` and `wrk` are how
busy their cores were: a rate is the server's own only where `server` is near 100 %. CPU us is the server's
user and system time for each request. The exit code is 1 if any request failed.
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

sys.dont_write_bytecode = True  # the sources stay the only files of this folder

import batch
import copying
import cores
import failover
import instructions
import large
import latency
import observed
import plots
import redis_groups
import sizes
import table
from groups import Bench
from servers import first_line

ROOT = Path(__file__).resolve().parents[2]
BUILD = ["cargo", "build", "--release", "--locked", "--bins", "--examples", "-p", "message-to-hash"]
# What is measured, by what is named on the command line: groups of servers that wrk measures in turn, with these
# numbers of connections; then what is measured in ways of its own, and gives how many requests failed.
GROUPS = {
    None: {
        "cached": (Bench.cached_get, [64]),
        "observed": (observed.get, [64]),
        "stored": (Bench.stored_get, [64]),
        "post": (Bench.post, [64, 256]),
        "cores": (cores.get, [64]),
        "large": (large.get_and_post, [16]),
    },
    "redis": {"get": (redis_groups.get, [64, 256]), "post": (redis_groups.post, [64, 256])},
    "plots": {},
}
ALONE = {
    None: {"latency": latency.show, "sizes": sizes.show},
    "redis": {"batch": batch.show, **failover.SHOWS, "copy": copying.show},
    "plots": plots.SHOWS,
}
TOOLS = ["taskset", "chrt", "wrk", "openssl"]
TOOLS_FOR = {None: [], "redis": ["redis-server", "redis-cli"], "plots": ["gnuplot"]}


def main():
    """Builds, measures and prints; the exit code."""
    options = arguments()
    # So that the servers are ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    needed = ["taskset", "valgrind"] if options.instructions else TOOLS
    needed = needed + TOOLS_FOR[options.suite]
    missing = [program for program in needed if shutil.which(program) is None]
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
    os.sched_setaffinity(0, cores[1:])  # this script, and with it wrk
    # Inside the target folder, since the system's temporary folder may be memory.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=target) as folder:
        bench = Bench(options, target / "release", folder, cores)
        show_header(options, folder)
        if options.instructions:
            return count_instructions(bench)
        return measure(bench)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="build.sh bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "suite", nargs="?", choices=["redis", "plots"], help="on Redis, or what is plotted, instead of all else"
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each server (%(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="length of a round (%(default)s)")
    parser.add_argument(
        "--connections", type=int, action="append", help="wrk's connections, instead of each group's own; repeatable"
    )
    parser.add_argument("--keys", type=int, default=20_000, help="stored messages to read from (%(default)s)")
    names = {suite: [*GROUPS[suite], *ALONE[suite]] for suite in GROUPS}
    parser.add_argument(
        "--only", action="append", help="; ".join(
            f"{suite + ': ' if suite else 'this alone, repeatable, of '}{', '.join(names[suite])}" for suite in names
        ),
    )
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
    """All that is asked for, printed as it comes; the exit code."""
    options, groups, failed = bench.options, [], 0
    for name, (run, usual) in GROUPS[options.suite].items():
        for connections in options.connections or usual if name in options.only else ():
            groups.append(group := run(bench, connections))
            failed += table.show(group)
    table.show_acceptance(groups)
    for name, show in ALONE[options.suite].items():
        if name in options.only:
            failed += show(bench)
    if failed:
        print(f"*** {failed} requests FAILED ***")
    return 1 if failed else 0


def count_instructions(bench):
    """The comparison by callgrind; the exit code."""
    print(f"\nuser-space instructions of a cached GET of 200 bytes, over {instructions.REQUESTS} requests")
    bare = None
    for name, each in instructions.count(bench):
        bare = bare or each
        print(f"  {name:<32}{each:>9,.0f}{each / bare:>9.2f}", flush=True)
    return 0


def show_header(options, folder):
    """What was measured, on what, and how."""
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
