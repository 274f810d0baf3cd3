"""`copy` of many small messages from a data folder to a Cluster, killed half-way and begun again."""

import hashlib
import json
import subprocess
import time
from contextlib import ExitStack

from redis_server import Cluster

MESSAGES = 1_000_000


def show(bench):
    """Measures, checks and prints; 1 if not all messages arrived, else 0."""
    binary, folder = bench.binaries / "message-to-hash", bench.folder
    data, back, lines = (folder / name for name in ("copied", "copied-back", "lines"))
    with ExitStack() as stack:
        cluster = Cluster(stack, folder)
        print(f"\n{MESSAGES:,} messages of some 30 bytes from a data folder to a Cluster")
        write_lines(lines, range(MESSAGES))
        _run(binary, "import", "--store", f"file:{data}", lines)
        copy = ["copy", "--from", f"file:{data}", "--to", cluster.url]
        with subprocess.Popen([binary, *copy], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
            while _stored(cluster) < MESSAGES // 2 and first.poll() is None:
                time.sleep(0.1)
            first.kill()
        print(f"  copy: killed (SIGKILL) when {_stored(cluster):,} were there")
        _run(binary, *copy)
        _run(binary, "copy", "--from", cluster.url, "--to", f"file:{back}")
        stored, same = _stored(cluster), _digest(binary, data) == _digest(binary, back)
        print(f"  in the Cluster: {stored:,}; the folder, and the one copied back, export the same: {same}")
        return int(stored != MESSAGES or not same)


def _stored(cluster):
    primaries = [node for node in cluster.nodes if "role:master" in node.cli("INFO", "replication")]
    return sum(int(node.cli("DBSIZE")) for node in primaries)


def message_of(number):
    """One of the messages."""
    return f"message number {number} of many"


def write_lines(path, numbers):
    """These messages as `import` reads them."""
    with path.open("w") as lines:
        for message in map(message_of, numbers):
            digest = hashlib.sha256(message.encode()).hexdigest()
            lines.write(json.dumps({"hash": digest, "message": message}) + "\n")


def _run(binary, *arguments):
    """Runs to the end; prints its summary and the most memory that it had."""
    with subprocess.Popen([binary, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        kib = 0
        while run.poll() is None:
            kib = max(kib, _most_kib(run.pid))
            time.sleep(0.05)
        said = run.stderr.read()
    summary = next((line for line in reversed(said.splitlines()) if line.startswith(f"{arguments[0]}: ")), said)
    if run.returncode:
        raise RuntimeError(said)
    print(f"  {summary}; at most {kib >> 10} MiB resident", flush=True)


def _most_kib(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def _digest(binary, folder):
    export = [binary, "export", "--store", f"file:{folder}"]
    with subprocess.Popen(export, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        digest = hashlib.file_digest(run.stdout, "sha256").hexdigest()
    if run.returncode:
        raise RuntimeError(f"export of {folder} failed")
    return digest
