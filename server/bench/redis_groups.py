"""messageToHash on one real Redis, beside the usual way to write such a server."""

from contextlib import ExitStack, contextmanager

from groups import ACCESS_LOG_OFF, NO_CACHE, Compared, Group, digests_of, must_be_stored, some_messages, store_all
from redis_server import Redis

# Its best at both numbers of connections, among 4, 16, 64 and 256.
POOL = 64
# Of the usual way's requests a second.
WANTED = 3.0


def get(bench, connections):
    """Random stored messages, the cache off."""
    messages = some_messages(bench.options.keys)
    digests = digests_of(messages, bench.folder)
    return _side_by_side(
        bench,
        connections,
        f"GET of a random one of {len(messages)} messages of 200 bytes in Redis",
        prepare=lambda server: store_all(server, messages),
        request_of=lambda *_: ["keys", str(digests)],
    )


def post(bench, connections):
    """New messages, into an empty Redis each round."""

    def seed(server, number):
        return f"{server.name[0]}-{number}"

    def check(redis, server, number):
        must_be_stored(server, seed(server, number))
        redis.cli("FLUSHALL")

    return _side_by_side(
        bench,
        connections,
        "POST of new messages of 200 bytes to Redis",
        request_of=lambda server, number: ["post", seed(server, number)],
        check=check,
    )


def _side_by_side(bench, connections, title, request_of, prepare=lambda _: None, check=lambda *_: None):
    """The two servers on one Redis, which `prepare` fills and `check` looks at after each round."""
    with ExitStack() as stack:
        redis = stack.enter_context(Redis(bench.folder))
        program = lambda address: [
            bench.binaries / "examples" / "axum_deadpool", address, redis.url, str(POOL),
        ]  # fmt: skip
        usual = stack.enter_context(bench.server("axum + deadpool-redis", program))
        product = stack.enter_context(bench.product("messageToHash", redis.url, *ACCESS_LOG_OFF, *NO_CACHE))
        prepare(product)
        redis_seconds = {usual.name: [], product.name: []}

        @contextmanager
        def watched(server, number):
            before = redis.cpu_seconds()
            yield
            redis_seconds[server.name].append(redis.cpu_seconds() - before)
            check(redis, server, number)

        rounds = bench.interleaved([usual, product], request_of, connections, watched)
    compared = [Compared(product.name, usual.name, WANTED)]
    return Group(title, rounds, connections, compared, redis_seconds=redis_seconds)
