"""Groups of servers, each measured in interleaved rounds, and what all groups share."""

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import fsync
import wrk
from servers import Server, ask_on, free_port

MESSAGE_BYTES = 200
MESSAGE = "x" * MESSAGE_BYTES
WARM_UP_SECONDS = 1
LOADERS = 32
ACCESS_LOG_OFF = ["--log-filter", "warn"]
NO_CACHE = ["--cache-bytes", "0"]
# Of bare hyper's requests a second, and of those of the memory store.
WANTED_CACHED = 0.95
WANTED_DURABLE, DURABLE_CONNECTIONS = 0.6, 256


@dataclass
class Compared:
    """One of the ratios that are printed at the end."""

    name: str
    base: str
    least: float = None  # what is wanted


@dataclass
class Group:
    """Rounds of several servers; the first is what the others are compared to."""

    title: str
    rounds: dict  # name of a server -> [Round]
    connections: int
    compared: list  # [Compared]
    fsyncs: list = field(default_factory=list)  # of each round of the durable store
    not_counted: str = None  # why there are none
    disk: list = field(default_factory=list)  # fsyncs a second that the disk alone can do, for each round
    redis_seconds: dict = field(default_factory=dict)  # name of a server -> [CPU seconds of Redis]
    notes: list = field(default_factory=list)  # lines to print below it

    @property
    def base(self):
        """The name of the server that the others are compared to."""
        return next(iter(self.rounds))


class Bench:
    """The programs and the settings that all groups share."""

    def __init__(self, options, binaries, folder, cores):
        self.options = options
        self.binaries = Path(binaries)
        self.folder = Path(folder)
        self.server_core, self.other_core = cores[:2]

    def bare(self, message_bytes=MESSAGE_BYTES, **how):
        """The bare hyper server, whose answer is that for a message of this size."""
        program = lambda address: [self.binaries / "examples" / "bare_hyper", address, str(message_bytes)]
        return self.server("bare hyper", program, **how)

    def product(self, name, store, *options, **how):
        """messageToHash on this store; `file:` gives it a folder of its own."""
        if store == "file:":
            store += tempfile.mkdtemp(prefix="data-", dir=self.folder)
        admin = free_port()
        program = lambda address: [
            self.binaries / "message-to-hash", "serve", "--listen", address,
            "--admin-listen", f"127.0.0.1:{admin}", "--shutdown-delay", "0s", "--store", store, *options,
        ]  # fmt: skip
        server = self.server(name, program, **how)
        server.admin_port = admin
        return server

    def server(self, name, program, **how):
        """A server on the core that is theirs; `program` is given the address to listen on."""
        return Server(name, program, **{"cores": self.server_core, "log_folder": self.folder, **how})

    def interleaved(self, servers, request_of, connections, beside=lambda *_: nullcontext()):
        """Measures every server once a round, so that what else the machine does meets all of them alike.

        `request_of(server, number)` are the arguments of requests.lua for this round, and
        `beside(server, number)` is entered while it lasts.
        """
        seconds = self.options.seconds
        for server in servers:
            wrk.measure(server, request_of(server, 0), connections, WARM_UP_SECONDS)
        rounds = {server.name: [] for server in servers}
        for number in range(1, self.options.rounds + 1):
            # Every other round in reverse, so that a drift within a round favours nobody.
            for server in servers if number % 2 else reversed(servers):
                with beside(server, number):
                    measured = wrk.measure(server, request_of(server, number), connections, seconds)
                rounds[server.name].append(measured)
        return rounds

    def cached_get(self, connections):
        """A cached message against a bare hyper server."""
        with ExitStack() as stack:
            bare = stack.enter_context(self.bare())
            product = stack.enter_context(self.product("product", "file:", *ACCESS_LOG_OFF))
            store_one(product)
            path = path_of(MESSAGE)
            same_answer(bare, product, path)
            rounds = self.interleaved([bare, product], lambda *_: ["get", path], connections)
        compared = [Compared("product", "bare hyper", WANTED_CACHED)]
        return Group("GET of one cached message of 200 bytes", rounds, connections, compared)

    def stored_get(self, connections):
        """Random stored messages from the embedded store, with the cache off."""
        messages = some_messages(self.options.keys)
        digests = digests_of(messages, self.folder)
        with ExitStack() as stack:
            servers = [
                stack.enter_context(self.product(name, store, *ACCESS_LOG_OFF, *NO_CACHE))
                for name, store in (("memory, no cache", "memory:"), ("embedded, no cache", "file:"))
            ]
            for server in servers:
                store_all(server, messages)
            rounds = self.interleaved(servers, lambda *_: ["keys", str(digests)], connections)
        compared = [Compared("embedded, no cache", "memory, no cache")]
        return Group(f"GET of a random one of {len(messages)} stored messages", rounds, connections, compared)

    def post(self, connections):
        """New messages: durable in the embedded store, against memory."""
        fsyncs, disk = [], []
        not_counted = fsync.why_not_counted()

        @contextmanager
        def counted(server, _):
            # Both stores are watched, since a tracepoint costs every system call a little.
            with nullcontext() if not_counted else fsync.Counter(server.pid) as counter:
                yield
            if server is embedded:
                disk.append(fsync.disk_rate(self.folder, seconds=1))
                fsyncs.append(counter and counter.count)

        with ExitStack() as stack:
            memory = stack.enter_context(self.product("memory", "memory:4GiB", *ACCESS_LOG_OFF))
            embedded = stack.enter_context(self.product("embedded", "file:", *ACCESS_LOG_OFF))
            servers = [memory, embedded]
            request_of = lambda _, number: ["post", f"round-{number}"]
            seeds = [f"round-{number}" for number in range(1, self.options.rounds + 1)]
            for server in servers:
                for seed in seeds:
                    must_be_new(server, seed)
            rounds = self.interleaved(servers, request_of, connections, counted)
            for server in servers:
                for seed in seeds:
                    must_be_stored(server, seed)
        least = WANTED_DURABLE if connections == DURABLE_CONNECTIONS else None
        compared = [Compared("embedded", "memory", least)]
        return Group("POST of new messages of 200 bytes", rounds, connections, compared, fsyncs, not_counted, disk)


def digest_of(message):
    """Its SHA-256 digest in hexadecimal."""
    return hashlib.sha256(message.encode()).hexdigest()


def path_of(message):
    """Where the message is found."""
    return f"/messages/{digest_of(message)}"


def some_messages(number):
    """This many different messages."""
    return [f"{one:09d}".ljust(MESSAGE_BYTES, "x") for one in range(number)]


def digests_of(messages, folder):
    """A file with their digests, one a line."""
    file = folder / "digests"
    file.write_text("".join(f"{digest_of(message)}\n" for message in messages))
    return file


def store_one(server, message=MESSAGE, token=None):
    """Stores the one message that is asked for."""
    status, _, text = server.ask("POST", "/messages", {"message": message}, token)
    if status not in (200, 201):
        raise RuntimeError(f"{server.name} does not store a message: {status} {text}")


def same_answer(bare, product, path):
    """The comparison is fair only if both answers have the same status, header names and body."""
    answers = []
    for server in (bare, product):
        status, headers, text = server.ask("GET", path)
        answers.append((status, sorted(headers), sum(map(len, headers.values())), text))
    if answers[0] != answers[1]:
        raise RuntimeError(f"bare hyper and the product answer differently: {answers}")


def store_all(server, messages):
    """Stores many messages over several connections at a time, so that they share fsyncs."""

    def load(part):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        for message in part:
            status, _, text = ask_on(connection, "POST", "/messages", {"message": message})
            if status not in (200, 201):
                raise RuntimeError(f"{server.name} does not store a message: {status} {text}")
        connection.close()

    with ThreadPoolExecutor(LOADERS) as pool:
        list(pool.map(load, (messages[start::LOADERS] for start in range(LOADERS))))


def must_be_new(server, seed):
    """What a round with this seed will send is not there: what is would cost nothing."""
    if (status := _status_of(server, seed)) != 404:
        raise RuntimeError(f"{server.name} has what round {seed} is to send: {status}")


def must_be_stored(server, seed):
    """What a round with this seed sent is there now."""
    if (status := _status_of(server, seed)) != 200:
        raise RuntimeError(f"{server.name} did not store what round {seed} sent: {status}")


def _status_of(server, seed):
    # wrk makes the first request only to look at it.
    message = f"{seed}-{2:010d}".ljust(MESSAGE_BYTES, "x")
    status, _, _ = server.ask("GET", path_of(message))
    return status
