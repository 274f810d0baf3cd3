"""What a batch saves: new messages to a Cluster, 1,000 in a request, beside one in a request."""

from contextlib import ExitStack, contextmanager
from statistics import median

from groups import ACCESS_LOG_OFF, NO_CACHE, must_be_stored
from redis_server import Cluster
from table import Ratio

MESSAGES = 1000
# Messages per second, over those of single requests.
WANTED = 8
LINE = "  {:<32}{:>14}{:>14}{:>10}{:>8}{:>7}{:>9}{:>9}{:>8}"


def show(bench):
    """Measures and prints; how many requests failed."""
    return sum(_show(bench, connections) for connections in bench.options.connections or [64])


def _show(bench, connections):
    with ExitStack() as stack:
        cluster = Cluster(stack, bench.folder)
        single, batch = (
            stack.enter_context(bench.product(name, cluster.url, *ACCESS_LOG_OFF, *NO_CACHE))
            for name in ("one in a request", f"{MESSAGES:,} in a request")
        )
        seed = lambda server, number: f"{server.name.split()[0].replace(',', '')}-{number}-"

        @contextmanager
        def checked(server, number):
            yield
            # Of a batch, the last one.
            must_be_stored(server, seed(server, number) + (str(MESSAGES) if server is batch else ""))
            for node in cluster.nodes:
                node.cli("FLUSHALL")

        request_of = lambda server, number: ["batch" if server is batch else "post", seed(server, number)]
        rounds = bench.interleaved([single, batch], request_of, connections, checked)
    ones, batches = rounds[single.name], rounds[batch.name]
    print(f"\nPOST of new messages of 200 bytes to a Cluster of 3 primaries, {connections} connections")
    print(LINE.format("", "messages/s", "CPU us each", "requests/s", "server", "wrk", "p50 ms", "p99 ms", "errors"))
    for name, of_request, each in ((single.name, 1, ones), (batch.name, MESSAGES, batches)):
        figure = lambda what, each=each: median(getattr(one, what) for one in each)
        print(LINE.format(
            name, f"{figure('per_second') * of_request:,.0f}", f"{figure('cpu_us') / of_request:.2f}",
            f"{figure('per_second'):,.0f}", f"{figure('server_busy'):.0%}", f"{figure('wrk_busy'):.0%}",
            f"{figure('p50_ms'):.2f}", f"{figure('p99_ms'):.2f}", sum(sum(one.errors.values()) for one in each),
        ))  # fmt: skip
    rates = Ratio([one.per_second * MESSAGES for one in batches], [one.per_second for one in ones])
    costs = Ratio([one.cpu_us for one in ones], [one.cpu_us / MESSAGES for one in batches])
    met = "met" if rates.median >= WANTED else "MISSED"
    print(f"  ratios: messages/s {rates}, CPU each {costs}; wanted: messages/s >= {WANTED}: {met}", flush=True)
    return sum(sum(one.errors.values()) for one in ones + batches)
