"""What it costs that the server can be seen into: metrics, a scrape every second, the access log; and identity.

The product has no switch to turn its metrics off: examples/metrics_cost.rs counts what a GET counts, and is timed
apart, on the same core.
"""

import subprocess
import threading
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from statistics import median

from groups import ACCESS_LOG_OFF, MESSAGE, Compared, Group, path_of, store_one
from issuer import Issuer
from servers import Drain
from table import Ratio, ratio, verdict

SCRAPE_SECONDS = 1
SCRAPES_ALONE = 200
COUNTED = 2_000_000
SILENT, SHIPPED, SCRAPED = "access log off", "as shipped", "as shipped, scraped each second"
PIPED, IDENTITY = "access log to a pipe", "as shipped, and identity on"
# Of bare hyper's requests a second; of the CPU of a request; and of what it would be without.
WANTED_WITH_IDENTITY = 0.80
WANTED_SCRAPE, WANTED_SEEN = 0.01, 0.10


def get(bench, connections):
    """A cached message, the server seen into more and more."""
    issuer = Issuer(bench.folder)
    token = issuer.token()
    with ExitStack() as stack:
        pipe = stack.enter_context(Drain())
        product = lambda name, *options, **how: stack.enter_context(bench.product(name, "memory:", *options, **how))
        bare = stack.enter_context(bench.bare())
        silent, shipped = product(SILENT, *ACCESS_LOG_OFF), product(SHIPPED)
        piped, identity = product(PIPED, stdout=pipe.stdin), product(IDENTITY, *issuer.options)
        # One process: two of the same program may differ by more than what a scrape costs.
        scraped = shipped.also_as(SCRAPED)
        for server in (silent, shipped, piped, identity):
            store_one(server, token=token if server is identity else None)
        _must_ask_for_tokens(identity)
        path = path_of(MESSAGE)
        request_of = lambda server, _: ["get", path, token] if server is identity else ["get", path]
        beside = lambda server, _: _scraping(server.admin_port if server is scraped else None)
        servers = [bare, silent, shipped, scraped, piped, identity]
        rounds = bench.interleaved(servers, request_of, connections, beside)
        scrape_us = _cost_of_a_scrape(shipped)
    compared = [
        Compared(SHIPPED, SILENT),
        Compared(SCRAPED, SHIPPED),
        Compared(IDENTITY, "bare hyper", WANTED_WITH_IDENTITY),
    ]
    group = Group("GET of one cached message, seen into", rounds, connections, compared)
    group.notes = [*_seen(group, _metrics_us(bench)), *_scrapes(group, scrape_us)]
    return group


def _must_ask_for_tokens(server):
    status, _, _ = server.ask("GET", path_of(MESSAGE))
    if status != 401:
        raise RuntimeError(f"{server.name} answers {status} without a token")


@contextmanager
def _scraping(port):
    """Scrapes every second, if there is a port, at which one Prometheus would."""
    if port is None:
        yield
        return
    done, failed = threading.Event(), []

    def scrape():
        while True:
            try:
                _scrape(port)
            except (OSError, RuntimeError) as error:
                failed.append(error)
            if done.wait(SCRAPE_SECONDS):
                return

    scraper = threading.Thread(target=scrape)
    scraper.start()
    try:
        yield
    finally:
        done.set()
        scraper.join()
    if failed:
        raise RuntimeError(f"a scrape failed: {failed[0]}")


def _scrape(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    if response.status != 200 or b"message_to_hash_http_request_duration" not in text:
        raise RuntimeError(f"no metrics: {response.status}")


def _cost_of_a_scrape(server):
    """CPU us of the server that has nothing else to do."""
    before = server.cpu_seconds()
    for _ in range(SCRAPES_ALONE):
        _scrape(server.admin_port)
    return (server.cpu_seconds() - before) * 1e6 / SCRAPES_ALONE


def _metrics_us(bench):
    """CPU us of what one cached GET counts."""
    program = [bench.binaries / "examples" / "metrics_cost", str(COUNTED)]
    command = ["taskset", "-c", str(bench.server_core), *program]
    times = [int(subprocess.check_output(command)) / 1e3 for _ in range(bench.options.rounds)]
    return median(times)


def _seen(group, metrics_us):
    """What metrics and access log cost together."""
    pairs = list(zip(group.rounds[SHIPPED], group.rounds[SILENT], strict=True))
    seen = Ratio([with_it.cpu_us - without.cpu_us + metrics_us for with_it, without in pairs],
                 [with_it.cpu_us for with_it, _ in pairs])  # fmt: skip
    yield f"metrics: {metrics_us:.3f} us a request, timed apart (examples/metrics_cost.rs)"
    yield (
        f"metrics and access log: {seen} of the CPU of a request; "
        f"wanted < {WANTED_SEEN}: {verdict(seen.median < WANTED_SEEN)}"
    )


def _scrapes(group, scrape_us):
    """What a scrape costs, seen from both sides."""
    cpu = ratio(group, SCRAPED, "cpu_us", SHIPPED)
    share = scrape_us / SCRAPE_SECONDS / 1e6
    low, high = cpu.interval
    yield (
        f"a scrape costs {scrape_us:.0f} us of CPU: {share:.3%} of the core at one a second; "
        f"wanted < {WANTED_SCRAPE:.0%}: {verdict(share < WANTED_SCRAPE)}"
    )
    yield f"CPU of a request, scraped / not: {cpu.median:.4f}, within [{low:.4f}..{high:.4f}] by 95 %"
