"""User-space instructions of one keep-alive GET, by callgrind: the figure that noise does not touch.

A server answers N requests and ends, another one 2 N; what lies between is N requests and nothing else.
"""

import re
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

from groups import ACCESS_LOG_OFF, MESSAGE, Bench, path_of, store_one
from issuer import Issuer

REQUESTS = 2000
TOTALS = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
METRICS = "its metrics alone"
HEAD_END = b"\r\n\r\n"


def count(bench: Bench, output=None):
    """Instructions a request of each server, as (name, instructions).

    Callgrind's files stay in the folder `output`, if it is given, for callgrind_annotate.
    """
    folder = Path(output or bench.folder)
    folder.mkdir(parents=True, exist_ok=True)
    issuer = Issuer(bench.folder)
    token = issuer.token()
    product = lambda name, *options: lambda **how: bench.product(name, "memory:", *options, **how)
    servers = {
        "bare hyper": (lambda **how: bench.bare(**how), None),
        "product": (product("product", *ACCESS_LOG_OFF), None),
        "product, access log on": (product("product, access log on"), None),
        "product, and identity on": (product("product, and identity on", *issuer.options), token),
    }
    for name, (start, bearer) in servers.items():
        once, twice = (_run(start, name, requests, bearer, folder) for requests in (REQUESTS, 2 * REQUESTS))
        yield name, (twice - once) / REQUESTS
    once, twice = (_metrics(bench, requests, folder) for requests in (REQUESTS, 2 * REQUESTS))
    yield METRICS, (twice - once) / REQUESTS


def _run(start, name, requests, token, folder):
    """All instructions of a server that answers this many requests."""
    file, wrapper = _callgrind(folder, name, requests)
    with ExitStack() as stack:
        server = stack.enter_context(start(wrapper=wrapper))
        if name != "bare hyper":
            store_one(server, token=token)
        _ask_repeatedly(server.port, path_of(MESSAGE), requests, token)
    return _total(file)


def _metrics(bench, requests, folder):
    """All instructions of a program that counts what this many requests count."""
    file, wrapper = _callgrind(folder, METRICS, requests)
    program = [bench.binaries / "examples" / "metrics_cost", str(requests)]
    subprocess.run([*wrapper, *program], capture_output=True, check=True)
    return _total(file)


def _callgrind(folder, name, requests):
    """A file for its counts, and the command in front of what is counted."""
    file = folder / f"callgrind-{name.replace(', ', '-').replace(' ', '-')}-{requests}"
    # What runs may be a command that becomes another, within one process.
    return file, ["valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={file}.%p"]


def _total(file):
    outs = file.parent.glob(f"{file.name}.*")
    totals = [int(found[1]) for out in outs if (found := TOTALS.search(out.read_text()))]
    if not totals:
        raise RuntimeError(f"callgrind wrote no totals: {file.name}")
    return max(totals)


def _ask_repeatedly(port, path, requests, token):
    """This many GETs, one after the other, on one connection."""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{bearer}\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        length = None
        for _ in range(requests):
            client.sendall(request)
            answer = b""
            while length is None or len(answer) < length:
                part = client.recv(65536)
                if not part:
                    raise RuntimeError("the server closed the connection")
                answer += part
                if length is None and HEAD_END in answer:
                    # All answers are of one length: only the ids in them differ.
                    body = re.search(rb"(?i)content-length: (\d+)", answer)
                    length = answer.index(HEAD_END) + len(HEAD_END) + int(body[1])
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"not found: {answer[:200]!r}")
