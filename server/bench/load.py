"""The load: requests by wrk and by an open load, and the messages that they store and read."""

import hashlib
import json
import os
import resource
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from servers import send_request

MESSAGE_BYTES = 200
MESSAGE = "x" * MESSAGE_BYTES
STORE_THREADS = 32
SCRIPT = Path(__file__).with_name("requests.lua")
WARM_UP_SECONDS = 1
# Longer than any response should take; wrk counts a slower one as an error.
RESPONSE_TIMEOUT = "10s"
# The open load waits this long for the last responses.
LAST_RESPONSE_SECONDS = 15
LOWEST_PRIORITY = 19  # nice


# --- messages ---


def digest_of(message):
    """The SHA-256 digest of a message, in hexadecimal."""
    return hashlib.sha256(message.encode()).hexdigest()


def path_of(message):
    """The path of a message."""
    return f"/messages/{digest_of(message)}"


def make_messages(count):
    """Different messages of 200 bytes."""
    return [f"{number:09d}".ljust(MESSAGE_BYTES, "x") for number in range(count)]


def write_digests(messages, folder):
    """Writes the digests of the messages to a file, one per line, and returns its path."""
    file = folder / "digests"
    file.write_text("".join(f"{digest_of(message)}\n" for message in messages))
    return file


def store_one(server, message=MESSAGE, token=None):
    """Stores one message."""
    _check_stored(server, server.request("POST", "/messages", {"message": message}, token))


def store_all(server, messages):
    """Stores many messages over several connections, so that they share fsyncs."""

    def store(part):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        for message in part:
            _check_stored(server, send_request(connection, "POST", "/messages", {"message": message}))
        connection.close()

    with ThreadPoolExecutor(STORE_THREADS) as pool:
        list(pool.map(store, (messages[start::STORE_THREADS] for start in range(STORE_THREADS))))


def _check_stored(server, response):
    status, _, text = response
    if status not in (200, 201):
        raise RuntimeError(f"{server.name} does not store a message: {status} {text}")


def check_not_stored(server, seed):
    """Checks that the messages of a round are new. Storing a message again would cost no fsync."""
    _check_status(server, seed, 404)


def check_stored(server, seed):
    """Checks that a round has stored its messages."""
    _check_status(server, seed, 200)


def _check_status(server, seed, expected):
    # The second message of the round: wrk generates the first request only to check the script.
    message = f"{seed}-{2:010d}".ljust(MESSAGE_BYTES, "x")
    status, _, _ = server.request("GET", path_of(message))
    if status != expected:
        raise RuntimeError(f"{server.name} answers {status}, not {expected}, to a message of round {seed}")


# --- wrk: the highest rate with a number of connections ---


@dataclass
class Round:
    """The figures of one round of wrk."""

    started: float  # seconds since the epoch
    ended: float
    requests: int
    per_second: float
    cpu_us: float  # user and system time of the server per request
    server_busy: float  # share of the server's core, 0 to 1
    wrk_busy: float  # share of wrk's core
    others_busy: float  # CPU use of all other processes, in cores
    p50_ms: float
    p99_ms: float
    errors: dict  # kind -> count, without zeros

    @property
    def seconds(self):
        """The length of the round."""
        return self.ended - self.started


def run_wrk(server, arguments, connections, seconds):
    """Runs wrk for one round; `arguments` are those of requests.lua."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", RESPONSE_TIMEOUT]
    command += ["-s", str(SCRIPT), server.url, "--", *arguments]
    wrk_before, server_before, machine_before = _children_seconds(), server.cpu_seconds(), _machine_seconds()
    started = time.time()
    # The timeout ends only a wrk that hangs.
    out = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    ended = time.time()
    server_cpu = server.cpu_seconds() - server_before
    wrk_cpu = _children_seconds() - wrk_before
    machine_cpu = _machine_seconds() - machine_before
    result = next((line for line in out.stdout.splitlines() if line.startswith("RESULT ")), None)
    if result is None:
        raise RuntimeError(f"wrk gave no result against {server.name}: {out.stdout}{out.stderr}")
    result = json.loads(result.removeprefix("RESULT "))
    succeeded = result["requests"] - result["errors"]["status"]
    errors = {kind: count for kind, count in result["errors"].items() if count}
    if not errors and not succeeded:
        errors = {"no response": 1}
    wall = ended - started
    return Round(
        started=started,
        ended=ended,
        requests=succeeded,
        per_second=succeeded / result["seconds"],
        cpu_us=server_cpu * 1e6 / max(result["requests"], 1),
        server_busy=server_cpu / wall,
        wrk_busy=wrk_cpu / wall,
        others_busy=max(machine_cpu - server_cpu - wrk_cpu, 0) / wall,
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
        errors=errors,
    )


def _children_seconds():
    """CPU time of all children that have ended. Between two calls only wrk ends."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _machine_seconds():
    """CPU time of all processes on all cores, without idle, IO wait and stolen time."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = (
        int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def run_interleaved(bench, servers, arguments_of, connections, during=lambda *_: nullcontext()):
    """Measures every server once per round, so that other processes disturb all servers alike.

    `arguments_of(server, number)` returns the arguments of requests.lua for a round.
    `during(server, number)` returns a context manager that wraps the round.
    """
    for server in servers:
        run_wrk(server, arguments_of(server, 0), connections, WARM_UP_SECONDS)
    rounds = {server.name: [] for server in servers}
    for number in range(1, bench.options.rounds + 1):
        # The order alternates, so that a drift within a round favours no server.
        for server in servers if number % 2 else reversed(servers):
            with during(server, number):
                measured = run_wrk(server, arguments_of(server, number), connections, bench.options.seconds)
            rounds[server.name].append(measured)
    return rounds


# --- the open load: a fixed rate, whatever the responses take (server/examples/open_load.rs) ---


@dataclass
class Response:
    """The response to one request of the open load."""

    due: float  # when the request was due, in seconds since the load began
    seconds: float  # latency, counted from `due`
    status: int  # 0 without a response
    tag: str  # the tag of the request

    @property
    def ended(self):
        """When the response came, in seconds since the load began."""
        return self.due + self.seconds


def get_request(tag, path):
    """A GET of the open load."""
    return f"{tag} GET {path}"


def post_request(tag, message):
    """A POST of the open load. The message must have no characters that JSON escapes."""
    return f'{tag} POST /messages {{"message":"{message}"}}'


def run_open_load(bench, server, requests, rate, seconds, action=lambda: None, others=(), connections=None):
    """Sends the requests in turn at a fixed rate, and returns their responses.

    `action` is called once the load has begun. The load runs on the second core. The load, the server and the `others`
    (processes that the response depends on) run with real-time priority, where this is allowed.

    With `connections` the load spins instead of sleeping, for rates too high to sleep between requests. It then runs
    without real-time priority: the kernel would stop a spinning real-time process for 50 ms every second, and kernel
    threads could not run.
    """
    file = bench.folder / "requests"
    file.write_text("".join(f"{request}\n" for request in requests))
    program = [bench.binaries / "examples" / "open_load", f"127.0.0.1:{server.port}"]
    program += [str(rate), str(seconds), file, *([str(connections)] if connections else [])]
    with ExitStack() as stack:
        stack.enter_context(_cores_awake(bench.server_core, *([] if connections else [bench.other_core])))
        load = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        stack.enter_context(load)
        stack.callback(load.kill)  # has an effect only after an exception
        for process in (server, *others, *([] if connections else [load])):
            _set_real_time(process.pid)
        if load.stdout.readline() != "begun\n":
            raise RuntimeError("open_load did not begin")
        action()
        lines = load.stdout.read().splitlines()
    if load.returncode:
        raise RuntimeError("open_load failed")
    return [_parse_response(*line.split(",")) for line in lines]


def _parse_response(due, seconds, status, tag):
    return Response(float(due), float(seconds), int(status), tag)


def percentile_ms(responses, share):
    """The latency in milliseconds that this share of the responses did not exceed."""
    times = sorted(one.seconds for one in responses)
    return times[min(int(len(times) * share), len(times) - 1)] * 1e3


@contextmanager
def _cores_awake(*cores):
    """Keeps cores from sleeping with a process of idle priority on each.

    A virtual machine gives a sleeping core away, and it can take milliseconds to get it back. A load with pauses
    between requests would measure that.
    """
    with ExitStack() as stack:
        for core in cores:
            spin = ["chrt", "--idle", "0", "taskset", "-c", str(core), "sh", "-c", "while :; do :; done"]
            spinning = stack.enter_context(subprocess.Popen(spin, start_new_session=True))
            stack.callback(spinning.kill)
            # Kernels with autogroups share the CPU between sessions first, so the session needs a low priority too.
            with suppress(OSError):
                Path(f"/proc/{spinning.pid}/autogroup").write_text(str(LOWEST_PRIORITY))
        yield


def _set_real_time(pid):
    """Gives the threads of a process real-time priority, where this is allowed."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(PermissionError, ProcessLookupError):
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(1))
