"""Groups over HTTP against bare hyper or memory: cached, stored, cores, large and latency."""

import json
import subprocess
import sys
from contextlib import ExitStack
from statistics import median

from load import (
    MESSAGE, get_request, make_messages, path_of, percentile_ms, run_interleaved, run_open_load, store_all, store_one,
    write_digests,
)  # fmt: skip
from report import Comparison, Group, values, verdict
from servers import ACCESS_LOG_OFF, CACHE_OFF

# Ratio to bare hyper's requests a second.
TARGET_CACHED = 0.95

ONE_CORE, TWO_CORES = "one core", "two cores, wrk on one of them"
TARGET_TWO_CORES = 1.8

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
CACHED, VERIFIED, POSTED = "from the cache", "read and verified", "posted again"

LATENCY_CONNECTIONS = 64
BARE, PRODUCT = "bare hyper", "product"
PERCENTILES = (0.5, 0.9, 0.99, 0.999)
TARGET_P99_MS = 1


def cached(bench, connections):
    """GET of a cached message, against bare hyper."""
    with ExitStack() as stack:
        bare = stack.enter_context(bench.start_bare())
        product = stack.enter_context(bench.start_product(PRODUCT, "file:", *ACCESS_LOG_OFF))
        store_one(product)
        path = path_of(MESSAGE)
        _check_same_response(bare, product, path)
        rounds = run_interleaved(bench, [bare, product], lambda *_: ["get", path], connections)
    comparisons = [Comparison(PRODUCT, BARE, TARGET_CACHED)]
    return Group("GET of one cached message of 200 bytes", rounds, connections, comparisons)


def stored(bench, connections):
    """GET of random messages from the embedded store, against memory; both without the cache."""
    messages = make_messages(bench.options.keys)
    digests = write_digests(messages, bench.folder)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(bench.start_product(name, store, *ACCESS_LOG_OFF, *CACHE_OFF))
            for name, store in (("memory, no cache", "memory:"), ("embedded, no cache", "file:"))
        ]
        for server in servers:
            store_all(server, messages)
        rounds = run_interleaved(bench, servers, lambda *_: ["keys", str(digests)], connections)
    comparisons = [Comparison("embedded, no cache", "memory, no cache")]
    return Group(f"GET of a random one of {len(messages)} stored messages", rounds, connections, comparisons)


def cores(bench, connections):
    """GET of a cached message on two cores, against one.

    wrk needs one of the two cores, so the rate on two cores is computed from the CPU time of a request.
    """
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(bench.start_product(name, "memory:", *ACCESS_LOG_OFF, cores=server_cores))
            for name, server_cores in (
                (ONE_CORE, bench.server_core), (TWO_CORES, f"{bench.server_core},{bench.other_core}")
            )
        )  # fmt: skip
        for server in (one, two):
            store_one(server)
        rounds = run_interleaved(bench, [one, two], lambda *_: ["get", path_of(MESSAGE)], connections)
    group = Group("GET of one cached message, by cores", rounds, connections, [Comparison(TWO_CORES, ONE_CORE)])
    cpu = group.ratio(ONE_CORE, "cpu_us", TWO_CORES)
    twice = 2 * cpu.median
    group.notes = [
        f"a request uses {1 / cpu.median:.2f} times the CPU on two cores, so two full cores would handle "
        f"{twice:.2f} [{2 * cpu.min:.2f}..{2 * cpu.max:.2f}] times the requests of one",
        f"target >= {TARGET_TWO_CORES}: {verdict(twice >= TARGET_TWO_CORES)}; waiting between two full cores cannot be "
        "measured here",
    ]
    return group


def large(bench, connections, message_bytes=LARGE_BYTES):
    """A large message read from the cache, read from the store, and posted again."""
    message = "x" * message_bytes
    body = bench.folder / "body"
    body.write_text(json.dumps({"message": message}))
    with ExitStack() as stack:
        bare = stack.enter_context(bench.start_bare(message_bytes))
        start = lambda name, *options: stack.enter_context(
            bench.start_product(name, "memory:", *ACCESS_LOG_OFF, *options)
        )
        cached_product, verified, posted = start(CACHED), start(VERIFIED, *CACHE_OFF), start(POSTED)
        products = (cached_product, verified, posted)
        for server in products:
            store_one(server, message)
        before = {server.name: server.memory_bytes() for server in products}
        _check_same_response(bare, cached_product, path_of(message))
        arguments_of = lambda server, _: ["again", str(body)] if server is posted else ["get", path_of(message)]
        rounds = run_interleaved(bench, [bare, *products], arguments_of, connections)
        growth = {server.name: server.memory_bytes("VmHWM") - before[server.name] for server in products}
    group = Group(f"GET and POST of {message_bytes:,} bytes", rounds, connections, [Comparison(CACHED, BARE)])
    sha, copy = sha256_us(bench, message_bytes), copy_us(bench, message_bytes)
    group.notes.append(f"on the server's core SHA-256 (openssl speed) takes {sha:.0f} us, a memcpy {copy:.0f} us")
    for name, minimum, work in (
        (CACHED, copy, "memcpy"), (VERIFIED, sha + copy, "SHA-256 and memcpy"), (POSTED, sha + copy, "SHA-256 and memcpy"),
    ):  # fmt: skip
        cpu = median(values(rounds[name], "cpu_us"))
        group.notes.append(
            f"{name}: {cpu:.0f} us of CPU, {cpu / minimum:.2f} of {work}; "
            f"memory grew by {growth[name] / connections / message_bytes:.1f} messages for each connection"
        )
    return group


def sha256_us(bench, size):
    """The time of openssl's SHA-256 for this many bytes, on the server's core."""
    speed = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(size), "-evp", "sha256"]
    out = subprocess.run(_on_server_core(bench, *speed), capture_output=True, text=True, check=True).stdout
    # The last line is `+F:...:BYTES_PER_SECOND`.
    return size / float(out.split(":")[-1]) * 1e6


def copy_us(bench, size):
    """The time of a memcpy of this many bytes, on the server's core."""
    return float(subprocess.check_output(_on_server_core(bench, sys.executable, "-c", COPY.format(size=size))))


def latency(bench):
    """Latency percentiles at half of the highest rate, against bare hyper; returns the number of failed requests."""
    rates, rounds = measure_latency(bench)
    print(f"\nGET of one cached message at half load: half of wrk's rate with {LATENCY_CONNECTIONS} connections", end="")
    print(", evenly spaced")
    print(f"  {'':<14}{'req/s':>9}" + "".join(f"{f'p{share * 100:g} ms':>11}" for share in PERCENTILES) + "  (medians)")
    p99, failed = {}, 0
    for name, responses in rounds.items():
        middle = [median(percentile_ms(one, share) for one in responses) for share in PERCENTILES]
        p99[name] = middle[PERCENTILES.index(0.99)]
        print(f"  {name:<14}{rates[name]:>9,}" + "".join(f"{ms:>11.3f}" for ms in middle))
        failed += sum(response.status != 200 for one in responses for response in one)
    ratio = p99[PRODUCT] / p99[BARE]
    print(f"  target: p99 < {TARGET_P99_MS} ms: {verdict(p99[PRODUCT] < TARGET_P99_MS)};", end=" ")
    print(f"{ratio:.2f} of bare hyper's", flush=True)
    return failed


def measure_latency(bench):
    """Half of the highest rate of each server, and the responses of each round at that rate."""
    path = path_of(MESSAGE)
    with ExitStack() as stack:
        product = stack.enter_context(bench.start_product(PRODUCT, "memory:", *ACCESS_LOG_OFF))
        servers = [stack.enter_context(bench.start_bare()), product]
        store_one(product)
        highest = run_interleaved(bench, servers, lambda *_: ["get", path], LATENCY_CONNECTIONS)
        rates = {name: int(median(values(rounds, "per_second")) / 2) for name, rounds in highest.items()}
        requests, seconds = [get_request("get", path)], bench.options.seconds
        rounds = {server.name: [] for server in servers}
        for _ in range(bench.options.rounds):
            for server in servers:
                load = (requests, rates[server.name], seconds)
                rounds[server.name].append(run_open_load(bench, server, *load, connections=LATENCY_CONNECTIONS))
    return rates, rounds


def _check_same_response(bare, product, path):
    """Checks status, header names, header sizes and body: the comparison is fair only with equal responses."""
    responses = []
    for server in (bare, product):
        status, headers, text = server.request("GET", path)
        responses.append((status, sorted(headers), sum(map(len, headers.values())), text))
    if responses[0] != responses[1]:
        raise RuntimeError(f"bare hyper and the product send different responses: {responses}")


def _on_server_core(bench, *command):
    return ["taskset", "-c", str(bench.server_core), *command]
