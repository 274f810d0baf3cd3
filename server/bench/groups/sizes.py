"""The group sizes: memory by connections and by stored messages, disk space, and the time of a start."""

import hashlib
import json
import resource
import socket
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from load import digest_of, path_of, run_wrk
from report import verdict
from servers import ACCESS_LOG_OFF

IDLE_CONNECTIONS = 10_000
STORE_SIZES = (1_000, 10_000, 100_000, 300_000, 1_000_000)
CONNECTIONS = 64
READ_SECONDS = 2
# A server is killed after storing messages for this long, so that its journal is not yet checkpointed.
WRITE_SECONDS = 2
MIB = 1 << 20
TARGET_IDLE_BYTES, TARGET_CONNECTION_BYTES = 12 * MIB, 12 << 10
TARGET_CLEAN_SECONDS, TARGET_KILLED_SECONDS = 0.1, 1.0


@dataclass
class StoreSize:
    """A data folder with some messages, and a server that was started on it."""

    messages: int
    payload_bytes: int  # digests and messages alone
    disk_bytes: int
    memory_bytes: int  # resident after the first response
    read_bytes: int  # resident after many reads, which fill the cache


def sizes(bench):
    """Measures and prints; returns 0, since a failed request raises an error."""
    print("\nMemory (resident), and time from the start of the process to the first response", flush=True)
    idle, connection = _idle_memory(bench), _connection_memory(bench)
    _show(
        "idle, an empty data folder", f"{idle / MIB:.1f} MiB",
        f"< {TARGET_IDLE_BYTES // MIB} MiB", idle < TARGET_IDLE_BYTES,
    )  # fmt: skip
    _show(
        f"each of {IDLE_CONNECTIONS:,} idle connections", f"{connection / 1024:.1f} KiB",
        f"< {TARGET_CONNECTION_BYTES >> 10} KiB", connection < TARGET_CONNECTION_BYTES,
    )  # fmt: skip
    for store in measure_stores(bench):
        print(
            f"  {store.messages:>9,} messages, {store.payload_bytes / MIB:6.1f} MiB with their digests: "
            f"{store.disk_bytes / MIB:6.1f} MiB on disk, {store.memory_bytes / MIB:5.1f} MiB resident, "
            f"{store.read_bytes / MIB:5.1f} after {READ_SECONDS} s of reads",
            flush=True,
        )
    for event, measure, target in (
        ("a clean stop", _starts_after_stop, TARGET_CLEAN_SECONDS),
        ("kill -9 during writes", _starts_after_kill, TARGET_KILLED_SECONDS),
    ):
        seconds = measure(bench)
        middle = median(seconds)
        _show(
            f"{STORE_SIZES[-1]:,} messages: first response after {event}",
            f"{middle:.3f} s [{min(seconds):.3f}..{max(seconds):.3f}]", f"<= {target} s", middle <= target,
        )  # fmt: skip
    return 0


def _show(name, figure, target, is_met):
    print(f"  {name}: {figure}; target {target}: {verdict(is_met)}", flush=True)


def _idle_memory(bench):
    """Bytes of a server after its start."""
    with bench.start_product("idle", "file:") as server:
        _check_status(server, "/messages/none", 404)
        return server.memory_bytes()


def _connection_memory(bench):
    """Bytes per connection that had one response and is idle now."""
    _, max_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if max_files < IDLE_CONNECTIONS * 1.1:
        raise RuntimeError(f"{IDLE_CONNECTIONS} connections need more open files than the limit of {max_files}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max_files, max_files))
    request = b"GET /messages/none HTTP/1.1\r\nHost: bench\r\n\r\n"
    options = ["--max-connections", str(2 * IDLE_CONNECTIONS), "--header-timeout", "10m"]
    with ExitStack() as stack:
        server = stack.enter_context(bench.start_product("connections", "memory:", *options))
        _check_status(server, "/messages/none", 404)
        before = server.memory_bytes()
        for _ in range(IDLE_CONNECTIONS):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            client.sendall(request)
            if not client.recv(4096).startswith(b"HTTP/1.1 404 "):
                raise RuntimeError("a connection got no response")
        return (server.memory_bytes() - before) / IDLE_CONNECTIONS


def measure_stores(bench):
    """Imports messages into one data folder step by step, and yields a `StoreSize` for each step."""
    folder, lines = bench.folder / "stores", bench.folder / "lines"
    stored = 0
    payload = 0
    for messages in STORE_SIZES:
        write_lines(lines, range(stored, messages))
        payload += sum(32 + len(short_message(number)) for number in range(stored, messages))
        stored = messages
        arguments = ["import", "--store", _url(bench), lines]
        subprocess.run([bench.binaries / "message-to-hash", *arguments], check=True, capture_output=True)
        disk = sum(file.stat().st_blocks * 512 for file in folder.rglob("*"))
        with _start(bench) as server:
            _check_status(server, _middle_path(messages))
            memory = server.memory_bytes()
            digests = bench.folder / "digests"
            numbers = range(0, messages, max(messages // bench.options.keys, 1))
            digests.write_text("".join(f"{digest_of(short_message(number))}\n" for number in numbers))
            _check_no_errors(run_wrk(server, ["keys", str(digests)], CONNECTIONS, READ_SECONDS))
            yield StoreSize(messages, payload, disk, memory, server.memory_bytes())


def short_message(number):
    """A message of about 30 bytes."""
    return f"message number {number} of many"


def write_lines(path, numbers):
    """Writes short messages in the format of `import`."""
    with path.open("w") as lines:
        for message in map(short_message, numbers):
            digest = hashlib.sha256(message.encode()).hexdigest()
            lines.write(json.dumps({"hash": digest, "message": message}) + "\n")


def _starts_after_stop(bench):
    """Seconds to the first response on the largest store, for `--rounds` starts after a clean stop."""
    return [_seconds_to_response(bench) for _ in range(bench.options.rounds)]


def _starts_after_kill(bench):
    """Seconds to the first response on the largest store, for `--rounds` starts after SIGKILL during writes."""
    seconds = []
    for number in range(bench.options.rounds):
        with _start(bench) as server:
            _check_status(server, _middle_path(STORE_SIZES[-1]))
            _check_no_errors(run_wrk(server, ["post", f"killed-{number}"], CONNECTIONS, WRITE_SECONDS))
            server.kill()
        seconds.append(_seconds_to_response(bench))
    return seconds


def _seconds_to_response(bench):
    started = time.monotonic()
    with _start(bench) as server:
        _check_status(server, _middle_path(STORE_SIZES[-1]))
        return time.monotonic() - started


def _start(bench):
    return bench.start_product("stores", _url(bench), *ACCESS_LOG_OFF)


def _url(bench):
    return f"file:{bench.folder / 'stores'}"


def _middle_path(messages):
    """The path of a message in the middle of the store."""
    return path_of(short_message(messages // 2))


def _check_status(server, path, expected=200):
    status, _, text = server.request("GET", path)
    if status != expected:
        raise RuntimeError(f"{server.name} answers {status}, not {expected}: {text}")


def _check_no_errors(measured):
    if measured.errors:
        raise RuntimeError(f"requests failed: {measured.errors}")
