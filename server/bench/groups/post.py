"""The group post: durable POSTs to the embedded store against memory, with the fsyncs of the store and the disk.

`perf stat` counts the tracepoints of fsync and fdatasync in the server's process during the measured rounds. strace
would slow the server to an eighth and shrink its batches to two messages, even with `--seccomp-bpf`.
"""

import os
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from statistics import median

from load import check_not_stored, check_stored, run_interleaved
from report import FULL, Comparison, Group, Ratio, values
from servers import ACCESS_LOG_OFF

# Ratio to the memory store's requests a second, at this number of connections.
TARGET_DURABLE, TARGET_CONNECTIONS = 0.6, 256
BLOCK = b"\0" * 4096
CALLS = ("fsync", "fdatasync")
PERF = ["perf", "stat", "-x", ",", *(part for call in CALLS for part in ("-e", f"syscalls:sys_enter_{call}"))]
ATTACH_SECONDS = 0.2


def post(bench, connections):
    """POST of new messages to the embedded store, against memory."""
    fsyncs, disk_rates = [], []
    why_not = _why_perf_cannot_count()

    @contextmanager
    def count_fsyncs(server, _):
        # Both servers are counted, since a tracepoint slows every system call a little.
        with nullcontext() if why_not else FsyncCounter(server.pid) as counter:
            yield
        if server is embedded:
            disk_rates.append(_disk_rate(bench.folder, seconds=1))
            fsyncs.append(counter and counter.count)

    with ExitStack() as stack:
        memory = stack.enter_context(bench.start_product("memory", "memory:4GiB", *ACCESS_LOG_OFF))
        embedded = stack.enter_context(bench.start_product("embedded", "file:", *ACCESS_LOG_OFF))
        servers = [memory, embedded]
        seeds = [f"round-{number}" for number in range(1, bench.options.rounds + 1)]
        for server in servers:
            for seed in seeds:
                check_not_stored(server, seed)
        arguments_of = lambda _, number: ["post", f"round-{number}"]
        rounds = run_interleaved(bench, servers, arguments_of, connections, count_fsyncs)
        for server in servers:
            for seed in seeds:
                check_stored(server, seed)
    target = TARGET_DURABLE if connections == TARGET_CONNECTIONS else None
    comparisons = [Comparison("embedded", "memory", target)]
    group = Group("POST of new messages of 200 bytes", rounds, connections, comparisons)
    group.notes = list(_fsync_notes(group, fsyncs, disk_rates, why_not))
    return group


def _fsync_notes(group, fsyncs, disk_rates, why_not):
    """Describes what limits a durable POST: the disk, a core or neither."""
    rounds, disk = group.rounds["embedded"], median(disk_rates)
    yield (
        f"the disk alone, 4 KiB appended and fsync, between the rounds: {disk:,.0f} a second "
        f"[{min(disk_rates):,.0f}..{max(disk_rates):,.0f}]"
    )
    counts = [count for count in fsyncs if count]
    if len(counts) < len(rounds):
        yield f"fsyncs: not counted: {why_not or 'perf gave no count'}"
        return
    rates = [count / one.seconds for count, one in zip(counts, rounds, strict=True)]
    batch = median(one.requests / count for count, one in zip(counts, rounds, strict=True))
    share = Ratio(rates, disk_rates)
    server_core, wrk_core = (median(values(rounds, figure)) for figure in ("server_busy", "wrk_busy"))
    yield (
        f"the embedded store: {median(rates):,.0f} fsyncs a second, {batch:.1f} messages each "
        f"(at most {group.connections}, one for each connection)"
    )
    shares = (("the disk", share.median), ("the server's core", server_core), ("wrk's core", wrk_core))
    full = " and ".join(name for name, busy in shares if busy >= FULL)
    yield (
        f"used: disk {share}, server's core {server_core:.0%}, wrk's core {wrk_core:.0%}: POST is limited by "
        + (full or "none of them alone, but by threads that wait for each other or for other processes")
    )


def _disk_rate(folder, seconds):
    """Appends of 4 KiB with an fsync each, per second, to a file in `folder`."""
    path = Path(folder) / "fsync-probe"
    with path.open("wb", buffering=0) as file:
        count, started = 0, time.monotonic()
        while (elapsed := time.monotonic() - started) < seconds:
            file.write(BLOCK)
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count / elapsed


def _why_perf_cannot_count():
    """The reason why perf cannot count fsyncs on this machine, or `None` if it can."""
    try:
        trial = subprocess.run([*PERF, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "perf is not installed"
    if trial.returncode == 0 and _sum_of_counts(trial.stderr) is not None:
        return None
    return "perf cannot read the tracepoints of system calls here; root can, where tracefs is mounted"


class FsyncCounter:
    """A context manager that counts the fsyncs of a process and all its threads."""

    def __init__(self, pid):
        self._pid = pid
        self.count = None

    def __enter__(self):
        self._perf = subprocess.Popen(
            [*PERF, "-p", str(self._pid)], stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        # The server is idle until the round begins, so perf misses no fsync while it attaches.
        time.sleep(ATTACH_SECONDS)
        return self

    def __exit__(self, *_):
        self._perf.send_signal(signal.SIGINT)
        try:
            _, report = self._perf.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._perf.kill()
            _, report = self._perf.communicate()
        self.count = _sum_of_counts(report)


def _sum_of_counts(report):
    """The sum of perf's counts, the first field of each line; `None` if a count is missing."""
    fields = [line.split(",") for line in report.splitlines() if "sys_enter_" in line]
    counts = [int(line[0]) for line in fields if line[0].isdigit()]
    return sum(counts) if len(counts) == len(CALLS) else None
