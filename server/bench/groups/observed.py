"""The group observed: a cached GET with the access log, metrics, scrapes and tokens.

The product cannot turn its metrics off. So examples/metrics_cost.rs records what a GET records, and is timed on the
same core.
"""

import base64
import json
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from statistics import median

from load import MESSAGE, path_of, run_interleaved, store_one
from report import Comparison, Group, Ratio, verdict
from servers import ACCESS_LOG_OFF, PipeReader

SCRAPE_SECONDS = 1
IDLE_SCRAPES = 200
RECORDED_REQUESTS = 2_000_000
LOG_OFF, DEFAULT, SCRAPED = "access log off", "default settings", "default, scraped each second"
PIPED, IDENTITY = "access log to a pipe", "default settings, identity on"
# Ratio to bare hyper's requests a second.
TARGET_WITH_IDENTITY = 0.80
# Shares: of a core for scrapes, and of a request's CPU for metrics and access log.
TARGET_SCRAPES, TARGET_OBSERVED = 0.01, 0.10

ISSUER, AUDIENCE, KEY_ID = "https://issuer.bench/", "messages", "bench"
TOKEN_HOURS = 12


def observed(bench, connections):
    """GET of a cached message, with more and more of the access log, scrapes and identity."""
    issuer = TokenIssuer(bench.folder)
    token = issuer.token()
    with ExitStack() as stack:
        pipe = stack.enter_context(PipeReader())
        start = lambda name, *options, **settings: stack.enter_context(
            bench.start_product(name, "memory:", *options, **settings)
        )
        bare = stack.enter_context(bench.start_bare())
        log_off, default = start(LOG_OFF, *ACCESS_LOG_OFF), start(DEFAULT)
        piped, identity = start(PIPED, stdout=pipe.stdin), start(IDENTITY, *issuer.options)
        # The same process: two processes of one program differ by more than a scrape costs.
        scraped = default.alias(SCRAPED)
        for server in (log_off, default, piped, identity):
            store_one(server, token=token if server is identity else None)
        _check_requires_token(identity)
        path = path_of(MESSAGE)
        arguments_of = lambda server, _: ["get", path, token] if server is identity else ["get", path]
        during = lambda server, _: _scraping(server.admin_port if server is scraped else None)
        servers = [bare, log_off, default, scraped, piped, identity]
        rounds = run_interleaved(bench, servers, arguments_of, connections, during)
        scrape_us = _scrape_us(default)
    comparisons = [
        Comparison(DEFAULT, LOG_OFF),
        Comparison(SCRAPED, DEFAULT),
        Comparison(IDENTITY, "bare hyper", TARGET_WITH_IDENTITY),
    ]
    group = Group("GET of one cached message, observed", rounds, connections, comparisons)
    group.notes = [*_observation_notes(group, _metrics_us(bench)), *_scrape_notes(group, scrape_us)]
    return group


def _check_requires_token(server):
    status, _, _ = server.request("GET", path_of(MESSAGE))
    if status != 401:
        raise RuntimeError(f"{server.name} answers {status} without a token")


@contextmanager
def _scraping(port):
    """Scrapes the metrics on this port every second, as Prometheus would; without a port, does nothing."""
    if port is None:
        yield
        return
    done, errors = threading.Event(), []

    def scrape_until_done():
        while True:
            try:
                _scrape(port)
            except (OSError, RuntimeError) as error:
                errors.append(error)
            if done.wait(SCRAPE_SECONDS):
                return

    scraper = threading.Thread(target=scrape_until_done)
    scraper.start()
    try:
        yield
    finally:
        done.set()
        scraper.join()
    if errors:
        raise RuntimeError(f"a scrape failed: {errors[0]}")


def _scrape(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    if response.status != 200 or b"message_to_hash_http_request_duration" not in text:
        raise RuntimeError(f"no metrics: {response.status}")


def _scrape_us(server):
    """CPU us of one scrape of an idle server."""
    before = server.cpu_seconds()
    for _ in range(IDLE_SCRAPES):
        _scrape(server.admin_port)
    return (server.cpu_seconds() - before) * 1e6 / IDLE_SCRAPES


def _metrics_us(bench):
    """CPU us of recording the metrics of one cached GET."""
    program = [bench.binaries / "examples" / "metrics_cost", str(RECORDED_REQUESTS)]
    command = ["taskset", "-c", str(bench.server_core), *program]
    times = [int(subprocess.check_output(command)) / 1e3 for _ in range(bench.options.rounds)]
    return median(times)


def _observation_notes(group, metrics_us):
    """The cost of metrics and access log together."""
    pairs = list(zip(group.rounds[DEFAULT], group.rounds[LOG_OFF], strict=True))
    share = Ratio(
        [default.cpu_us - log_off.cpu_us + metrics_us for default, log_off in pairs],
        [default.cpu_us for default, _ in pairs],
    )
    yield f"metrics: {metrics_us:.3f} us a request, timed separately (examples/metrics_cost.rs)"
    yield (
        f"metrics and access log: {share} of the CPU of a request; "
        f"target < {TARGET_OBSERVED}: {verdict(share.median < TARGET_OBSERVED)}"
    )


def _scrape_notes(group, scrape_us):
    """The cost of a scrape: on an idle server, and by the CPU of requests during scrapes."""
    cpu = group.ratio(SCRAPED, "cpu_us", DEFAULT)
    share = scrape_us / SCRAPE_SECONDS / 1e6
    low, high = cpu.interval
    yield (
        f"a scrape uses {scrape_us:.0f} us of CPU: {share:.3%} of a core at one per second; "
        f"target < {TARGET_SCRAPES:.0%}: {verdict(share < TARGET_SCRAPES)}"
    )
    yield f"CPU of a request with scrapes / without: {cpu.median:.4f}, 95 % within [{low:.4f}..{high:.4f}]"


class TokenIssuer:
    """An issuer of RS256 tokens, with openssl. Its key and its key set are files in `folder`."""

    def __init__(self, folder):
        self._key, self._key_set = folder / "issuer.pem", folder / "issuer.json"
        _openssl("genrsa", "-out", self._key, "2048")
        modulus = _openssl("rsa", "-in", self._key, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "e": "AQAB"}
        self._key_set.write_text(json.dumps({"keys": [{**key, "n": _base64url(bytes.fromhex(modulus))}]}))

    @property
    def options(self):
        """The server options that require tokens of this issuer."""
        return [
            "--identity-issuer", ISSUER, "--identity-audience", AUDIENCE, "--identity-jwks-file", str(self._key_set),
        ]  # fmt: skip

    def token(self):
        """A token with the scopes for reading and writing."""
        header = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "bench", "scope": "messages:read messages:write",
            "iat": now, "exp": now + TOKEN_HOURS * 3600,
        }  # fmt: skip
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = _openssl("dgst", "-sha256", "-sign", self._key, "-binary", stdin=signed.encode())
        return f"{signed}.{_base64url(signature)}"


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout
