"""Messages of 1 MiB, beside the least that they can cost: their SHA-256, and one copy."""

import json
import subprocess
import sys
from contextlib import ExitStack
from statistics import median

from groups import ACCESS_LOG_OFF, NO_CACHE, Compared, Group, path_of, same_answer, store_one
from table import each

LARGE_BYTES = 1 << 20
COPIES = 2000
COPY = f"""
import time
source, target = memoryview(bytes({{size}})), memoryview(bytearray({{size}}))
started = time.process_time()
for _ in range({COPIES}):
    target[:] = source
print((time.process_time() - started) / {COPIES} * 1e6)
"""
CACHED, READ, POSTED = "from the cache", "read and verified", "posted again"


def get_and_post(bench, connections, message_bytes=LARGE_BYTES):
    """A message of this size: read from the cache, read from the store, and posted again."""
    message = "x" * message_bytes
    body = bench.folder / "body"
    body.write_text(json.dumps({"message": message}))
    with ExitStack() as stack:
        bare = stack.enter_context(bench.bare(message_bytes))
        product = lambda name, *options: stack.enter_context(bench.product(name, "memory:", *ACCESS_LOG_OFF, *options))
        cached, read, posted = product(CACHED), product(READ, *NO_CACHE), product(POSTED)
        products = (cached, read, posted)
        for server in products:
            store_one(server, message)
        before = {server.name: server.memory_bytes() for server in products}
        same_answer(bare, cached, path_of(message))
        request_of = lambda server, _: ["again", str(body)] if server is posted else ["get", path_of(message)]
        rounds = bench.interleaved([bare, *products], request_of, connections)
        grown = {server.name: server.memory_bytes("VmHWM") - before[server.name] for server in products}
    group = Group(f"GET and POST of {message_bytes:,} bytes", rounds, connections, [Compared(CACHED, "bare hyper")])
    sha, copy = sha256_us(bench, message_bytes), copy_us(bench, message_bytes)
    group.notes.append(f"on the server's core SHA-256 (openssl speed) takes {sha:.0f} us, a memcpy {copy:.0f} us")
    for name, floor, what in (
        (CACHED, copy, "memcpy"), (READ, sha + copy, "SHA-256 and memcpy"), (POSTED, sha + copy, "SHA-256 and memcpy"),
    ):  # fmt: skip
        cpu = median(each(rounds[name], "cpu_us"))
        group.notes.append(
            f"{name}: {cpu:.0f} us of CPU, {cpu / floor:.2f} of {what}; "
            f"memory grew by {grown[name] / connections / message_bytes:.1f} messages for each connection"
        )
    return group


def sha256_us(bench, size):
    """What openssl takes for so many bytes, on the server's core."""
    speed = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(size), "-evp", "sha256"]
    out = subprocess.run(_pinned(bench, *speed), capture_output=True, text=True, check=True).stdout
    # The last line, `+F:...:BYTES_A_SECOND`.
    return size / float(out.split(":")[-1]) * 1e6


def copy_us(bench, size):
    """What a memcpy of so many bytes takes there."""
    return float(subprocess.check_output(_pinned(bench, sys.executable, "-c", COPY.format(size=size))))


def _pinned(bench, *command):
    return ["taskset", "-c", str(bench.server_core), *command]
