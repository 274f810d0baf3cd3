"""Starts Debian's redis-server: one server, or a cluster, which end with whoever started them."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from servers import cpu_seconds, free_port

START_SECONDS = 60
# How long the nodes of a cluster wait before they take one for dead.
NODE_TIMEOUT_SECONDS = 2
CLUSTER = f"""
cluster-port {{bus}}
cluster-enabled yes
cluster-node-timeout {NODE_TIMEOUT_SECONDS * 1000}
cluster-require-full-coverage no
cluster-replica-validity-factor 0
repl-diskless-sync-delay 0
"""


class Redis:
    """A redis-server without persistence, on the cores of this script."""

    def __init__(self, folder, more=""):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="redis-", dir=folder))
        configuration = self._folder / "redis.conf"
        configuration.write_text(
            f'bind 127.0.0.1\nport {self.port}\ndir {self._folder}\nlogfile log\nsave ""\n{more}'
        )
        self._process = subprocess.Popen(
            ["redis-server", str(configuration)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.pid = self._process.pid
        try:
            eventually(f"redis-server at {self.port} answers", lambda: self.cli("PING") == "PONG")
        except BaseException:
            self.kill()
            raise

    def cli(self, *command):
        """What redis-cli prints."""
        return _redis_cli("-h", "127.0.0.1", "-p", str(self.port), *command)

    def cpu_seconds(self):
        """User and system time."""
        return cpu_seconds(self.pid)

    def pause(self):
        """Stops it as a hung machine would."""
        os.kill(self.pid, signal.SIGSTOP)

    def kill(self):
        """Ends it without any warning."""
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self._folder)


class Cluster:
    """Three primaries with a replica each."""

    def __init__(self, stack, folder):
        self.nodes = [stack.enter_context(Redis(folder, CLUSTER.format(bus=free_port()))) for _ in range(6)]
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        self.url = f"redis+cluster://{','.join(addresses)}"
        _redis_cli("--cluster", "create", *addresses, "--cluster-replicas", "1", "--cluster-yes")
        eventually("the cluster is whole", self._is_whole)

    def _is_whole(self):
        def is_content(node):
            told = node.cli("CLUSTER", "NODES")
            whole = told.count("master") == 3 and told.count("slave") == 3 and "fail" not in told
            return whole and "cluster_state:ok" in node.cli("CLUSTER", "INFO")

        online = sum(node.cli("INFO", "replication").count("state=online") for node in self.nodes)
        return online == 3 and all(map(is_content, self.nodes))

    def slots(self, node):
        """The slots that this primary serves, as one range."""
        mine = next(line for line in node.cli("CLUSTER", "NODES").splitlines() if "myself" in line)
        first, last = mine.split()[8].split("-")
        return range(int(first), int(last) + 1)


def eventually(what, holds):
    """Waits until this holds."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"never: {what}")
        time.sleep(0.05)


def _redis_cli(*command):
    return subprocess.run(["redis-cli", *command], capture_output=True, text=True, check=False).stdout.strip()
