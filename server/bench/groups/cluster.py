"""Groups on a Redis Cluster: kill and pause of a primary under load, and copy of a data folder to it.

The open load reads stored messages (half of the requests) and stores new ones (two fifths). A tenth reads a path that
cannot be a message, which the server answers without Redis. The latency of that tenth is due to the load generator,
the machine and HTTP.
"""

import binascii
import hashlib
import random
import subprocess
import time
from contextlib import ExitStack
from functools import partial

from groups.sizes import write_lines
from load import (
    LAST_RESPONSE_SECONDS, MESSAGE_BYTES, digest_of, get_request, make_messages, path_of, percentile_ms, post_request,
    run_open_load, store_all,
)  # fmt: skip
from report import verdict
from servers import ACCESS_LOG_OFF, CACHE_OFF, NODE_TIMEOUT_SECONDS, Cluster

RATE = 1000  # requests a second
# The tags of requests: for the shard whose primary fails, for another shard, for no shard.
FAILED, HEALTHY, NO_SHARD = "failed", "healthy", "none"
SECONDS_BEFORE, SECONDS_AFTER = 5, 15
STORED_MESSAGES = 3000
FAULTS = {"kill": "killed", "pause": "paused"}
TARGET_P99_MS = 5
TARGET_RECOVERY_SECONDS = NODE_TIMEOUT_SECONDS + 3
COPIED_MESSAGES = 1_000_000


def _fail_primary(fault, bench):
    """Measures and prints one fault; returns 0, since requests to the failed shard must fail."""
    responses = _measure_fault(bench, fault)
    print(f"\nCluster, 3 primaries with a replica each, node timeout {NODE_TIMEOUT_SECONDS} s:", end=" ")
    print(f"one primary is {FAULTS[fault]} under {RATE} requests a second")
    before = [one for one in responses if one.ended <= SECONDS_BEFORE]
    after = [one for one in responses if one.due >= SECONDS_BEFORE]
    _show_latency("before: without Redis", [one for one in before if one.tag == NO_SHARD])
    _show_latency("before: all shards", [one for one in before if one.tag != NO_SHARD])
    _, p99_without = _show_latency("after: without Redis", [one for one in after if one.tag == NO_SHARD])
    success, p99 = _show_latency("after: healthy shards", [one for one in after if one.tag == HEALTHY])
    shard = [one for one in after if one.tag == FAILED]
    errors = [one for one in shard if not _is_success(one)]
    # A success before the first error does not count: it came before the fault took effect.
    first_error = min((one.due for one in errors), default=SECONDS_BEFORE)
    recovered = (one.ended for one in shard if _is_success(one) and one.due > first_error)
    first = min(recovered, default=float("inf")) - SECONDS_BEFORE
    last = max((one.ended for one in errors), default=SECONDS_BEFORE) - SECONDS_BEFORE
    print(f"  the failed shard: {len(errors)} of {len(shard)} requests failed;", end=" ")
    print(f"first success after {first:.2f} s, last failure after {last:.2f} s")
    for target, is_met in (
        ("healthy shards 100 %", success == 1),
        (f"their p99 < {TARGET_P99_MS} ms", p99 < TARGET_P99_MS),
        (f"recovery within {TARGET_RECOVERY_SECONDS} s", max(first, last) <= TARGET_RECOVERY_SECONDS),
    ):
        print(f"  target: {target}: {verdict(is_met)}", flush=True)
    if p99_without >= TARGET_P99_MS:
        print("  the p99 is not due to Redis here: requests without Redis miss the target too")
    return 0


kill, pause = partial(_fail_primary, "kill"), partial(_fail_primary, "pause")


def _is_success(response):
    expected = (404,) if response.tag == NO_SHARD else (200, 201)
    return response.status in expected and response.seconds <= LAST_RESPONSE_SECONDS


def _show_latency(name, responses):
    """Prints one line; returns the share of successes and the 99th percentile in ms."""
    success = sum(map(_is_success, responses)) / len(responses)
    p50, p99, longest = (percentile_ms(responses, share) for share in (0.5, 0.99, 1))
    print(f"  {name:<34}{len(responses):>7} requests, {success:.3%} succeeded,", end=" ")
    print(f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {longest:.2f} ms")
    return success, p99


def _measure_fault(bench, fault):
    """The responses to the whole load. The fault begins after SECONDS_BEFORE."""
    with ExitStack() as stack:
        cluster = Cluster(stack, bench.folder)
        server = stack.enter_context(bench.start_product("cluster", cluster.url, *ACCESS_LOG_OFF, *CACHE_OFF))
        victim = cluster.nodes[0]
        slots = cluster.slots(victim)
        messages = make_messages(STORED_MESSAGES)
        store_all(server, messages)
        seconds = SECONDS_BEFORE + SECONDS_AFTER
        requests = [_request(number, random.choice(messages), slots) for number in range(RATE * seconds)]

        def fail():
            time.sleep(SECONDS_BEFORE)
            getattr(victim, fault)()

        return run_open_load(bench, server, requests, RATE, seconds, fail, cluster.nodes)


def _request(number, stored, slots):
    if number % 10 == 0:
        return get_request(NO_SHARD, "/messages/none")
    if number % 2:
        return get_request(_tag(stored, slots), path_of(stored))
    message = f"new-{number:09d}".ljust(MESSAGE_BYTES, "x")
    return post_request(_tag(message, slots), message)


def _tag(message, slots):
    slot = binascii.crc_hqx(f"m:{digest_of(message)}".encode(), 0) % 16_384
    return FAILED if slot in slots else HEALTHY


def copy(bench):
    """Copies many small messages to a Cluster, killed half-way and repeated; returns 1 if any are missing."""
    binary, folder = bench.binaries / "message-to-hash", bench.folder
    source, copied_back, lines = (folder / name for name in ("copied", "copied-back", "lines"))
    with ExitStack() as stack:
        cluster = Cluster(stack, folder)
        print(f"\n{COPIED_MESSAGES:,} messages of some 30 bytes from a data folder to a Cluster")
        write_lines(lines, range(COPIED_MESSAGES))
        _run(binary, "import", "--store", f"file:{source}", lines)
        arguments = ["copy", "--from", f"file:{source}", "--to", cluster.url]
        with subprocess.Popen([binary, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
            while _count_stored(cluster) < COPIED_MESSAGES // 2 and first.poll() is None:
                time.sleep(0.1)
            first.kill()
        print(f"  copy: killed (SIGKILL) after {_count_stored(cluster):,} messages")
        _run(binary, *arguments)
        _run(binary, "copy", "--from", cluster.url, "--to", f"file:{copied_back}")
        stored = _count_stored(cluster)
        is_same = _export_digest(binary, source) == _export_digest(binary, copied_back)
        print(f"  in the Cluster: {stored:,}; exports of the folder and of the one copied back are equal: {is_same}")
        return int(stored != COPIED_MESSAGES or not is_same)


def _count_stored(cluster):
    primaries = [node for node in cluster.nodes if "role:master" in node.cli("INFO", "replication")]
    return sum(int(node.cli("DBSIZE")) for node in primaries)


def _run(binary, *arguments):
    """Runs a command to its end; prints its summary and its peak memory."""
    with subprocess.Popen([binary, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        kib = 0
        while run.poll() is None:
            kib = max(kib, _peak_kib(run.pid))
            time.sleep(0.05)
        stderr = run.stderr.read()
    summary = next((line for line in reversed(stderr.splitlines()) if line.startswith(f"{arguments[0]}: ")), stderr)
    if run.returncode:
        raise RuntimeError(stderr)
    print(f"  {summary}; at most {kib >> 10} MiB resident", flush=True)


def _peak_kib(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def _export_digest(binary, folder):
    export = [binary, "export", "--store", f"file:{folder}"]
    with subprocess.Popen(export, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        digest = hashlib.file_digest(run.stdout, "sha256").hexdigest()
    if run.returncode:
        raise RuntimeError(f"export of {folder} failed")
    return digest
