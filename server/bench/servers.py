"""Starts and stops what a benchmark runs: HTTP servers, redis-server, and the reader of a pipe."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from copy import copy
from pathlib import Path

START_SECONDS = 60  # under valgrind a start takes several seconds
STOP_SECONDS = 20
POLL_SECONDS = 0.002
# Below the kernel's ephemeral ports, so that no client socket takes one first.
PORTS = range(20_000, 32_000)
ACCESS_LOG_OFF = ["--log-filter", "warn"]
CACHE_OFF = ["--cache-bytes", "0"]
# A cluster node fails over a primary that has not answered for this long.
NODE_TIMEOUT_SECONDS = 2
CLUSTER_OPTIONS = f"""
cluster-port {{bus}}
cluster-enabled yes
cluster-node-timeout {NODE_TIMEOUT_SECONDS * 1000}
cluster-require-full-coverage no
cluster-replica-validity-factor 0
repl-diskless-sync-delay 0
"""


class Bench:
    """The programs and settings that all groups share."""

    def __init__(self, options, binaries, folder, cores):
        self.options = options
        self.binaries = Path(binaries)
        self.folder = Path(folder)
        self.server_core, self.other_core = cores[:2]

    def start_bare(self, message_bytes=200, **settings):
        """Starts the bare hyper server, whose response is that for a message of this size."""
        program = lambda address: [self.binaries / "examples" / "bare_hyper", address, str(message_bytes)]
        return self.start("bare hyper", program, **settings)

    def start_product(self, name, store, *options, **settings):
        """Starts messageToHash on a store. The store `file:` gets a new data folder."""
        if store == "file:":
            store += tempfile.mkdtemp(prefix="data-", dir=self.folder)
        admin = free_port()
        program = lambda address: [
            self.binaries / "message-to-hash", "serve", "--listen", address,
            "--admin-listen", f"127.0.0.1:{admin}", "--shutdown-delay", "0s", "--store", store, *options,
        ]  # fmt: skip
        server = self.start(name, program, **settings)
        server.admin_port = admin
        return server

    def start(self, name, program, **settings):
        """Starts a server on the first core. `program` turns the address to listen on into a command."""
        return Server(name, program, **{"cores": self.server_core, "log_folder": self.folder, **settings})


class Server:
    """A process that serves HTTP on `url`. `wrapper` is a command in front of it, for example valgrind."""

    def __init__(self, name, program, *, cores, log_folder, wrapper=(), stdout=subprocess.DEVNULL):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = Path(log_folder) / f"{name.replace(' ', '-').replace('/', '')}.log"
        command = [*wrapper, "taskset", "-c", str(cores), *program(f"127.0.0.1:{self.port}")]
        # The caller's environment must not configure the server.
        environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
        with self._log.open("wb") as log:
            # A separate session: Ctrl-C reaches only this script, which then stops the servers.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        # This is the server's process id: each wrapper replaces itself with the server (exec).
        self.pid = self._process.pid
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended during its start: {self._log.read_text()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(POLL_SECONDS)
        raise RuntimeError(f"{self.name} does not serve: {self._log.read_text()}")

    def cpu_seconds(self):
        """User and system time of all its threads, including those that have ended."""
        return cpu_seconds(self.pid)

    def memory_bytes(self, field="VmRSS"):
        """Its resident memory now, or with `VmHWM` the peak."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))

    def alias(self, name):
        """The same process under another name, to measure it in two ways."""
        other = copy(self)
        other.name = name
        return other

    def request(self, method, path, body=None, token=None):
        """Sends one request on a new connection; returns status, headers (names in lower case) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            return send_request(connection, method, path, body, token)
        finally:
            connection.close()

    def kill(self):
        """Kills it with SIGKILL."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Stops it with SIGTERM, and with SIGKILL if that takes too long."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(STOP_SECONDS)
                return
            except ProcessLookupError:
                self._process.wait(STOP_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Redis:
    """A redis-server without persistence, on the cores of this script."""

    def __init__(self, folder, options=""):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="redis-", dir=folder))
        configuration = self._folder / "redis.conf"
        configuration.write_text(
            f'bind 127.0.0.1\nport {self.port}\ndir {self._folder}\nlogfile log\nsave ""\n{options}'
        )
        self._process = subprocess.Popen(
            ["redis-server", str(configuration)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.pid = self._process.pid
        try:
            _wait_until(f"redis-server on port {self.port} answers", lambda: self.cli("PING") == "PONG")
        except BaseException:
            self.kill()
            raise

    def cli(self, *command):
        """The output of a command by redis-cli."""
        return _redis_cli("-h", "127.0.0.1", "-p", str(self.port), *command)

    def cpu_seconds(self):
        """User and system time."""
        return cpu_seconds(self.pid)

    def pause(self):
        """Stops it with SIGSTOP, like a machine that hangs."""
        os.kill(self.pid, signal.SIGSTOP)

    def kill(self):
        """Kills it with SIGKILL."""
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self._folder)


class Cluster:
    """A Redis Cluster of three primaries with a replica each."""

    def __init__(self, stack, folder):
        self.nodes = [stack.enter_context(Redis(folder, CLUSTER_OPTIONS.format(bus=free_port()))) for _ in range(6)]
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        self.url = f"redis+cluster://{','.join(addresses)}"
        _redis_cli("--cluster", "create", *addresses, "--cluster-replicas", "1", "--cluster-yes")
        _wait_until("the cluster is complete", self._is_complete)

    def _is_complete(self):
        def sees_all_nodes(node):
            nodes = node.cli("CLUSTER", "NODES")
            complete = nodes.count("master") == 3 and nodes.count("slave") == 3 and "fail" not in nodes
            return complete and "cluster_state:ok" in node.cli("CLUSTER", "INFO")

        online = sum(node.cli("INFO", "replication").count("state=online") for node in self.nodes)
        return online == 3 and all(map(sees_all_nodes, self.nodes))

    def slots(self, node):
        """The hash slots of a primary, as one range."""
        line = next(line for line in node.cli("CLUSTER", "NODES").splitlines() if "myself" in line)
        first, last = line.split()[8].split("-")
        return range(int(first), int(last) + 1)


class PipeReader:
    """A pipe whose contents are read and discarded, as a log collector would read them."""

    def __init__(self):
        self._cat = subprocess.Popen(
            ["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.stdin = self._cat.stdin

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stdin.close()
        try:
            self._cat.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._cat.kill()
            self._cat.wait()


def free_port():
    """A free port of the loopback interface."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port found")


def cpu_seconds(pid):
    """User and system time of a process. The clock is exact; /proc/PID/stat counts hundredths of a second."""
    clock = ~pid << 3 | 2  # the value of clock_getcpuclockid(3), which Python lacks
    return time.clock_gettime(clock)


def send_request(connection, method, path, body=None, token=None):
    """Sends one request on a connection; returns status, headers (names in lower case) and body."""
    headers = {} if body is None else {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, text


def first_line(*command):
    """The first line of a program's output."""
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    return ((out.stdout or out.stderr).splitlines() or ["?"])[0].strip()


def _wait_until(condition, is_met):
    deadline = time.monotonic() + START_SECONDS
    while not is_met():
        if time.monotonic() > deadline:
            raise RuntimeError(f"timeout: {condition}")
        time.sleep(0.05)


def _redis_cli(*command):
    return subprocess.run(["redis-cli", *command], capture_output=True, text=True, check=False).stdout.strip()
