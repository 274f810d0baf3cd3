"""What the server takes when it does nothing: memory, by connections and by stored messages; disk; time to start."""

import resource
import socket
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import wrk
from copying import message_of, write_lines
from groups import ACCESS_LOG_OFF, digest_of, path_of
from table import verdict

IDLE_CONNECTIONS = 10_000
STORES = (1_000, 10_000, 100_000, 300_000, 1_000_000)
READ_SECONDS = 2
# What a killed server has just acknowledged, and so not yet put in order on the disk.
UNSETTLED_SECONDS = 2
MIB = 1 << 20
WANTED_IDLE_BYTES, WANTED_CONNECTION_BYTES = 12 * MIB, 12 << 10
WANTED_CLEAN_SECONDS, WANTED_KILLED_SECONDS = 0.1, 1.0


@dataclass
class Store:
    """A data folder with so many messages, and a server that was started on it."""

    messages: int
    payload_bytes: int  # digests and messages alone
    disk_bytes: int
    memory_bytes: int  # resident after the first answer
    read_bytes: int  # and when the cache was filled by many


def show(bench):
    """Measures and prints; 0, as a request that fails ends it."""
    print("\nMemory (resident), and time from the start of the process to the first answer", flush=True)
    idle, connection = idle_memory(bench), connection_memory(bench)
    _show(
        "idle, an empty data folder", f"{idle / MIB:.1f} MiB",
        f"< {WANTED_IDLE_BYTES // MIB} MiB", idle < WANTED_IDLE_BYTES,
    )  # fmt: skip
    _show(
        f"each of {IDLE_CONNECTIONS:,} idle connections", f"{connection / 1024:.1f} KiB",
        f"< {WANTED_CONNECTION_BYTES >> 10} KiB", connection < WANTED_CONNECTION_BYTES,
    )  # fmt: skip
    for store in stores(bench):
        print(
            f"  {store.messages:>9,} messages, {store.payload_bytes / MIB:6.1f} MiB with their digests: "
            f"{store.disk_bytes / MIB:6.1f} MiB on disk, {store.memory_bytes / MIB:5.1f} MiB resident, "
            f"{store.read_bytes / MIB:5.1f} after {READ_SECONDS} s of reads",
            flush=True,
        )
    for how, measured, wanted in (
        ("a clean stop", after_stop, WANTED_CLEAN_SECONDS),
        ("kill -9 while it stored", after_kill, WANTED_KILLED_SECONDS),
    ):
        seconds = measured(bench)
        least, middle, most = min(seconds), median(seconds), max(seconds)
        _show(
            f"{STORES[-1]:,} messages: first answer after {how}",
            f"{middle:.3f} s [{least:.3f}..{most:.3f}]", f"<= {wanted} s", middle <= wanted,
        )  # fmt: skip
    return 0


def _show(what, figure, wanted, is_met):
    print(f"  {what}: {figure}; wanted {wanted}: {verdict(is_met)}", flush=True)


def idle_memory(bench):
    """Bytes of a server that was just started."""
    with bench.product("idle", "file:") as server:
        _must_answer(server, "/messages/none", 404)
        return server.memory_bytes()


def connection_memory(bench):
    """Bytes for each connection that has had one answer and now is idle."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most_files < IDLE_CONNECTIONS * 1.1:
        raise RuntimeError(f"{IDLE_CONNECTIONS} connections take more open files than the limit of {most_files}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    request = b"GET /messages/none HTTP/1.1\r\nHost: bench\r\n\r\n"
    options = ["--max-connections", str(2 * IDLE_CONNECTIONS), "--header-timeout", "10m"]
    with ExitStack() as stack:
        server = stack.enter_context(bench.product("connections", "memory:", *options))
        _must_answer(server, "/messages/none", 404)
        before = server.memory_bytes()
        for _ in range(IDLE_CONNECTIONS):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            client.sendall(request)
            if not client.recv(4096).startswith(b"HTTP/1.1 404 "):
                raise RuntimeError("a connection had no answer")
        return (server.memory_bytes() - before) / IDLE_CONNECTIONS


def stores(bench):
    """Fills one data folder more and more, and gives each state of it."""
    folder, lines = bench.folder / "stores", bench.folder / "lines"
    stored = 0
    payload = 0
    for messages in STORES:
        write_lines(lines, range(stored, messages))
        payload += sum(32 + len(message_of(number)) for number in range(stored, messages))
        stored = messages
        arguments = ["import", "--store", _url(bench), lines]
        subprocess.run([bench.binaries / "message-to-hash", *arguments], check=True, capture_output=True)
        disk = sum(file.stat().st_blocks * 512 for file in folder.rglob("*"))
        with _serving(bench) as server:
            _must_answer(server, _some_path(messages))
            memory = server.memory_bytes()
            digests = bench.folder / "digests"
            numbers = range(0, messages, max(messages // bench.options.keys, 1))
            digests.write_text("".join(f"{digest_of(message_of(number))}\n" for number in numbers))
            _must_all_be_answered(wrk.measure(server, ["keys", str(digests)], 64, READ_SECONDS))
            yield Store(messages, payload, disk, memory, server.memory_bytes())


def after_stop(bench):
    """Seconds to the first answer of a server on the largest store; one is started `--rounds` times."""
    return [_seconds_to_answer(bench) for _ in range(bench.options.rounds)]


def after_kill(bench):
    """The same after it was killed while it stored more."""
    seconds = []
    for number in range(bench.options.rounds):
        with _serving(bench) as server:
            _must_answer(server, _some_path(STORES[-1]))
            _must_all_be_answered(wrk.measure(server, ["post", f"killed-{number}"], 64, UNSETTLED_SECONDS))
            server.kill()
        seconds.append(_seconds_to_answer(bench))
    return seconds


def _seconds_to_answer(bench):
    started = time.monotonic()
    with _serving(bench) as server:
        _must_answer(server, _some_path(STORES[-1]))
        return time.monotonic() - started


def _serving(bench):
    return bench.product("stores", _url(bench), *ACCESS_LOG_OFF)


def _url(bench):
    return f"file:{bench.folder / 'stores'}"


def _some_path(messages):
    """The path of one in the middle."""
    return path_of(message_of(messages // 2))


def _must_answer(server, path, wanted=200):
    status, _, text = server.ask("GET", path)
    if status != wanted:
        raise RuntimeError(f"{server.name} answers {status}: {text}")


def _must_all_be_answered(measured):
    if measured.errors:
        raise RuntimeError(f"requests failed: {measured.errors}")
