"""Latency at half load: an open load of half of what each server can do, counted from when a request was due."""

from contextlib import ExitStack
from statistics import median

import open_load
import wrk
from groups import ACCESS_LOG_OFF, MESSAGE, path_of, store_one
from open_load import percentile
from table import verdict

CONNECTIONS = 64
BARE, PRODUCT = "bare hyper", "product"
SHARES = (0.5, 0.9, 0.99, 0.999)
WANTED_P99_MS = 1


def show(bench):
    """Measures and prints; how many requests failed."""
    rates, rounds = measure(bench)
    print(f"\nGET of one cached message at half load: half of wrk's rate with {CONNECTIONS} connections, evenly spaced")
    print(f"  {'':<14}{'req/s':>9}" + "".join(f"{f'p{share * 100:g} ms':>11}" for share in SHARES) + "  (medians)")
    p99, failed = {}, 0
    for name, answers in rounds.items():
        middle = [median(percentile(one, share) for one in answers) for share in SHARES]
        p99[name] = middle[SHARES.index(0.99)]
        print(f"  {name:<14}{rates[name]:>9,}" + "".join(f"{ms:>11.3f}" for ms in middle))
        failed += sum(answer.status != 200 for one in answers for answer in one)
    ratio = p99[PRODUCT] / p99[BARE]
    print(f"  wanted: p99 < {WANTED_P99_MS} ms: {verdict(p99[PRODUCT] < WANTED_P99_MS)};", end=" ")
    print(f"{ratio:.2f} of bare hyper's", flush=True)
    return failed


def measure(bench):
    """The rate of each server, and the answers of each of its rounds, which are interleaved."""
    path = path_of(MESSAGE)
    with ExitStack() as stack:
        product = stack.enter_context(bench.product(PRODUCT, "memory:", *ACCESS_LOG_OFF))
        servers = [stack.enter_context(bench.bare()), product]
        store_one(product)
        most = bench.interleaved(servers, lambda *_: ["get", path], CONNECTIONS)
        rates = {name: int(median(one.per_second for one in rounds) / 2) for name, rounds in most.items()}
        requests, seconds = [open_load.get("get", path)], bench.options.seconds
        rounds = {server.name: [] for server in servers}
        for _ in range(bench.options.rounds):
            for server in servers:
                load = (requests, rates[server.name], seconds)
                rounds[server.name].append(open_load.run(bench, server, *load, connections=CONNECTIONS))
    return rates, rounds
