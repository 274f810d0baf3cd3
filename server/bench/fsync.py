"""What the disk can do, and how often the store asks it to.

The store's fsyncs are counted by strace in rounds of their own, against a server of its own: with
`--seccomp-bpf` the kernel stops the server for these two calls alone, so the rest runs at full speed, and the
table shows what is left of the perturbation.
"""

import os
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

BLOCK = b"\0" * 4096
# PID TIME fsync(FD) = 0 <SECONDS>, and the second half of a call during which another thread was traced.
CALL = re.compile(r"^(\d+) +(\d+\.\d+) (?:(?:fsync|fdatasync)\(|<\.\.\. (?:fsync|fdatasync) resumed>).*<(\d+\.\d+)>$")


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


def strace(log):
    """The command that logs the fsyncs of the command after it."""
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-T", "-e", "trace=fsync,fdatasync", "-o", str(log)]


@dataclass
class Fsyncs:
    """The fsyncs of one round."""

    count: int
    per_second: float
    # The part of the round that the thread with the most of them, which is the writer, spent in fsync.
    writer_share: float


def in_round(log, measured):
    """Counts the calls in a strace log that ended within this round."""
    calls = defaultdict(list)
    for line in Path(log).read_text().splitlines():
        found = CALL.match(line)
        # A call is listed by its begin, a resumed one by its end: at the edges of a round that is one call.
        if found and measured.started <= float(found[2]) <= measured.ended:
            calls[found[1]].append(float(found[3]))
    wall = measured.ended - measured.started
    count = sum(len(durations) for durations in calls.values())
    busiest = max(calls.values(), key=len, default=[])
    return Fsyncs(count=count, per_second=count / wall, writer_share=sum(busiest) / wall)
