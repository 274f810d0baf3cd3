"""Starts the servers that are measured, pinned to one core, and ends whatever was started."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import time
from copy import copy
from pathlib import Path

START_SECONDS = 60  # under valgrind a start takes several
STOP_SECONDS = 20
POLL_SECONDS = 0.002
# Below the ports that the kernel hands out by itself, so that no client's socket gets there first.
PORTS = range(20_000, 32_000)


def free_port():
    """A port of the loopback interface that nobody listens on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port found")


class Server:
    """A process that serves HTTP on `url`; `wrapper` is a command in front of it, as valgrind."""

    def __init__(self, name, program, *, cores, log_folder, wrapper=(), stdout=subprocess.DEVNULL):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = Path(log_folder) / f"{name.replace(' ', '-').replace('/', '')}.log"
        command = [*wrapper, "taskset", "-c", str(cores), *program(f"127.0.0.1:{self.port}")]
        # Only what is given here counts, not what the caller's environment sets.
        environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
        with self._log.open("wb") as log:
            # A session of its own: Ctrl-C reaches this script alone, which then ends the servers.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        # Each command in front of the server becomes the server: one process.
        self.pid = self._process.pid
        try:
            self._wait_until_it_serves()
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_serves(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended at once: {self._log.read_text()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(POLL_SECONDS)
        raise RuntimeError(f"{self.name} does not serve: {self._log.read_text()}")

    def cpu_seconds(self):
        """User and system time of all its threads, those that ended included."""
        return cpu_seconds(self.pid)

    def memory_bytes(self, what="VmRSS"):
        """What is resident of it, or has been at most: `VmHWM`."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(what))

    def also_as(self, name):
        """The same process under another name, to be measured in another way."""
        other = copy(self)
        other.name = name
        return other

    def kill(self):
        """Ends it without any warning."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Asks it to end, and ends it if it does not."""
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(seconds)
                return
            except ProcessLookupError:
                self._process.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                continue

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def ask(self, method, path, body=None, token=None):
        """One request on a connection of its own: status, headers (names in lower case) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            return ask_on(connection, method, path, body, token)
        finally:
            connection.close()


def cpu_seconds(pid):
    """User and system time of a process; /proc/PID/stat has it in hundredths of a second only."""
    clock = ~pid << 3 | 2  # as clock_getcpuclockid(3) makes it, which Python lacks
    return time.clock_gettime(clock)


def ask_on(connection, method, path, body=None, token=None):
    """One request on this connection."""
    headers = {} if body is None else {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, text


class Drain:
    """A pipe whose other end is read and thrown away, as a log collector would."""

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


def first_line(*command):
    """The first line that a program prints."""
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    return ((out.stdout or out.stderr).splitlines() or ["?"])[0].strip()
