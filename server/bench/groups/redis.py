"""Groups on Redis: get and post against axum with a pool of connections, and batch against single messages."""

from contextlib import ExitStack, contextmanager
from statistics import median

from load import check_stored, make_messages, run_interleaved, store_all, write_digests
from report import FULL, Comparison, Group, Ratio, count_errors, values, verdict
from servers import ACCESS_LOG_OFF, CACHE_OFF, Cluster, Redis

# The best size for 64 and for 256 connections, of 4, 16, 64 and 256.
POOL_SIZE = 64
# Ratio to axum's requests a second.
TARGET_RATE = 3.0

BATCH_CONNECTIONS = 64
BATCH_MESSAGES = 1000
# Ratio of messages a second in batches to single messages.
TARGET_BATCH = 8
BATCH_LINE = "  {:<32}{:>14}{:>14}{:>12}{:>8}{:>7}{:>9}{:>9}{:>8}"


def get(bench, connections):
    """GET of random messages in Redis, without the cache."""
    messages = make_messages(bench.options.keys)
    digests = write_digests(messages, bench.folder)
    return _compare_on_redis(
        bench,
        connections,
        f"GET of a random one of {len(messages)} messages of 200 bytes in Redis",
        prepare=lambda server: store_all(server, messages),
        arguments_of=lambda *_: ["keys", str(digests)],
    )


def post(bench, connections):
    """POST of new messages to Redis, which is empty at the start of each round."""

    def seed(server, number):
        return f"{server.name[0]}-{number}"

    def check(redis, server, number):
        check_stored(server, seed(server, number))
        redis.cli("FLUSHALL")

    return _compare_on_redis(
        bench,
        connections,
        "POST of new messages of 200 bytes to Redis",
        arguments_of=lambda server, number: ["post", seed(server, number)],
        check=check,
    )


def _compare_on_redis(bench, connections, title, arguments_of, prepare=lambda _: None, check=lambda *_: None):
    """Measures both servers on one Redis. `prepare` fills it, and `check` runs after each round."""
    with ExitStack() as stack:
        redis = stack.enter_context(Redis(bench.folder))
        program = lambda address: [
            bench.binaries / "examples" / "axum_deadpool", address, redis.url, str(POOL_SIZE),
        ]  # fmt: skip
        axum = stack.enter_context(bench.start("axum + deadpool-redis", program))
        product = stack.enter_context(bench.start_product("messageToHash", redis.url, *ACCESS_LOG_OFF, *CACHE_OFF))
        prepare(product)
        redis_seconds = {axum.name: [], product.name: []}

        @contextmanager
        def count_redis_seconds(server, number):
            before = redis.cpu_seconds()
            yield
            redis_seconds[server.name].append(redis.cpu_seconds() - before)
            check(redis, server, number)

        rounds = run_interleaved(bench, [axum, product], arguments_of, connections, count_redis_seconds)
    comparisons = [Comparison(product.name, axum.name, TARGET_RATE)]
    group = Group(title, rounds, connections, comparisons, redis_seconds=redis_seconds)
    group.notes = list(_redis_notes(group))
    return group


def _redis_notes(group):
    """The CPU use of Redis, and which core was full."""
    costs = (f"{median(group.redis_us(name)):.1f} for {name}" for name in group.rounds)
    yield f"redis-server, CPU us a request: {', '.join(costs)}"
    for name, rounds in group.rounds.items():
        server, wrk = (median(values(rounds, figure)) for figure in ("server_busy", "wrk_busy"))
        redis = median(
            seconds / one.seconds for seconds, one in zip(group.redis_seconds[name], rounds, strict=True)
        )
        limit = "the server limits the rate" if server >= FULL else "the server does not limit the rate"
        yield f"{name}: server's core {server:.0%}, second core: redis-server {redis:.0%}, wrk {wrk:.0%}: {limit}"


def batch(bench):
    """POST of batches to a Cluster, against single messages; returns the number of failed requests."""
    return sum(_batch(bench, connections) for connections in bench.options.connections or [BATCH_CONNECTIONS])


def _batch(bench, connections):
    with ExitStack() as stack:
        cluster = Cluster(stack, bench.folder)
        single, batched = (
            stack.enter_context(bench.start_product(name, cluster.url, *ACCESS_LOG_OFF, *CACHE_OFF))
            for name in ("one in a request", f"{BATCH_MESSAGES:,} in a request")
        )
        seed = lambda server, number: f"{server.name.split()[0].replace(',', '')}-{number}-"

        @contextmanager
        def check_and_empty(server, number):
            yield
            # The last message of a batch stands for all of them.
            check_stored(server, seed(server, number) + (str(BATCH_MESSAGES) if server is batched else ""))
            for node in cluster.nodes:
                node.cli("FLUSHALL")

        arguments_of = lambda server, number: ["batch" if server is batched else "post", seed(server, number)]
        rounds = run_interleaved(bench, [single, batched], arguments_of, connections, check_and_empty)
    singles, batches = rounds[single.name], rounds[batched.name]
    print(f"\nPOST of new messages of 200 bytes to a Cluster of 3 primaries, {connections} connections")
    print(BATCH_LINE.format(
        "", "messages/s", "CPU us each", "requests/s", "server", "wrk", "p50 ms", "p99 ms", "errors"
    ))  # fmt: skip
    for name, messages, measured in ((single.name, 1, singles), (batched.name, BATCH_MESSAGES, batches)):
        middle = lambda figure, measured=measured: median(values(measured, figure))
        print(BATCH_LINE.format(
            name, f"{middle('per_second') * messages:,.0f}", f"{middle('cpu_us') / messages:.2f}",
            f"{middle('per_second'):,.0f}", f"{middle('server_busy'):.0%}", f"{middle('wrk_busy'):.0%}",
            f"{middle('p50_ms'):.2f}", f"{middle('p99_ms'):.2f}", count_errors(measured),
        ))  # fmt: skip
    rates = Ratio([one.per_second * BATCH_MESSAGES for one in batches], values(singles, "per_second"))
    costs = Ratio(values(singles, "cpu_us"), [one.cpu_us / BATCH_MESSAGES for one in batches])
    met = verdict(rates.median >= TARGET_BATCH)
    print(f"  ratios: messages/s {rates}, CPU each {costs}; target: messages/s >= {TARGET_BATCH}: {met}", flush=True)
    return count_errors(singles + batches)
