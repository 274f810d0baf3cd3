"""What the disk can do, and how often the store asks it to.

The kernel counts: `perf stat` on the tracepoints of the two calls, for the server's process alone. Nothing is
stopped or logged, so the figures are those of the measured rounds themselves. (strace, the usual way, cut the
server's rate to an eighth and its batches to two messages, with `--seccomp-bpf` as well.)
"""

import os
import signal
import subprocess
import time
from pathlib import Path

BLOCK = b"\0" * 4096
CALLS = ("fsync", "fdatasync")
PERF = ["perf", "stat", "-x", ",", *(part for call in CALLS for part in ("-e", f"syscalls:sys_enter_{call}"))]
ATTACH_SECONDS = 0.2


def disk_rate(folder, seconds):
    """Appends of 4 KiB a second, each with its fsync, to a file in `folder`."""
    path = Path(folder) / "fsync-probe"
    with path.open("wb", buffering=0) as file:
        count, started = 0, time.monotonic()
        while (elapsed := time.monotonic() - started) < seconds:
            file.write(BLOCK)
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count / elapsed


def why_not_counted():
    """`None` where perf can count fsyncs here, else what stands in the way."""
    try:
        tried = subprocess.run([*PERF, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "perf is not installed"
    if tried.returncode == 0 and _total(tried.stderr) is not None:
        return None
    return "perf cannot read the tracepoints of system calls here; root can, where tracefs is mounted"


class Counter:
    """Counts the fsyncs of a process, of all its threads, while it is entered; `count` says how many."""

    def __init__(self, pid):
        self._pid = pid
        self.count = None

    def __enter__(self):
        self._perf = subprocess.Popen(
            [*PERF, "-p", str(self._pid)], stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        # The server is idle: what perf misses until it has attached is nothing.
        time.sleep(ATTACH_SECONDS)
        return self

    def __exit__(self, *_):
        self._perf.send_signal(signal.SIGINT)
        try:
            _, report = self._perf.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._perf.kill()
            _, report = self._perf.communicate()
        self.count = _total(report)


def _total(report):
    """The sum of perf's counts, one a line before the first comma; `None` if one is missing."""
    fields = [line.split(",") for line in report.splitlines() if "sys_enter_" in line]
    counts = [int(line[0]) for line in fields if line[0].isdigit()]
    return sum(counts) if len(counts) == len(CALLS) else None
