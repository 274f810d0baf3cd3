"""One round of wrk against one server, and what it cost the server."""

import json
import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("requests.lua")
# Longer than any answer should take; wrk counts a slower one as an error.
ANSWER_TIMEOUT = "10s"


@dataclass
class Round:
    """What one round gave."""

    started: float  # seconds since the epoch
    ended: float
    requests: int
    per_second: float
    cpu_us: float  # of the server, user and system, for each request
    server_busy: float  # of its core, 0 to 1
    wrk_busy: float
    others_busy: float  # what all other processes took, in cores
    p50_ms: float
    p99_ms: float
    errors: dict  # kind -> count, only what is not 0


def measure(server, request, connections, seconds):
    """Runs wrk for `seconds`; `request` are the arguments of requests.lua."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", ANSWER_TIMEOUT]
    command += ["-s", str(SCRIPT), server.url, "--", *request]
    wrk_before, server_before, machine_before = _children_seconds(), server.cpu_seconds(), _machine_seconds()
    started = time.time()
    # The limit only ends a wrk that hangs.
    out = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    ended = time.time()
    server_cpu = server.cpu_seconds() - server_before
    wrk_cpu = _children_seconds() - wrk_before
    machine_cpu = _machine_seconds() - machine_before
    result = next((line for line in out.stdout.splitlines() if line.startswith("RESULT ")), None)
    if result is None:
        raise RuntimeError(f"wrk gave no result against {server.name}: {out.stdout}{out.stderr}")
    result = json.loads(result.removeprefix("RESULT "))
    good = result["requests"] - result["errors"]["status"]
    wall = ended - started
    return Round(
        started=started,
        ended=ended,
        requests=good,
        per_second=good / result["seconds"],
        cpu_us=server_cpu * 1e6 / max(result["requests"], 1),
        server_busy=server_cpu / wall,
        wrk_busy=wrk_cpu / wall,
        others_busy=max(machine_cpu - server_cpu - wrk_cpu, 0) / wall,
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
        # No answer at all is an error too, if wrk does not call it one.
        errors={kind: count for kind, count in result["errors"].items() if count}
        or ({} if good else {"no answer": 1}),
    )


def _children_seconds():
    """CPU time of the processes that ended since: wrk alone, as the servers run on."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _machine_seconds():
    """CPU time that all processes together used, on all cores, without waiting for IO and stolen time."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = (
        int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
