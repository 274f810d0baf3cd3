"""User-space instructions of one keep-alive GET, by callgrind: the figure that noise does not touch.

A server answers N requests and ends, another one 2 N; what lies between is N requests and nothing else.
"""

import re
import socket
from contextlib import ExitStack
from pathlib import Path

from groups import ACCESS_LOG_OFF, MESSAGE, Bench, path_of, store_one

REQUESTS = 2000
TOTALS = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
HEAD_END = b"\r\n\r\n"


def count(bench: Bench, output=None):
    """Instructions a request of each server, as (name, instructions).

    Callgrind's files stay in the folder `output`, if it is given, for callgrind_annotate.
    """
    folder = Path(output or bench.folder)
    folder.mkdir(parents=True, exist_ok=True)
    starts = {
        "bare hyper": lambda **how: bench.bare(**how),
        "product": lambda **how: bench.product("product", "memory:", *ACCESS_LOG_OFF, **how),
        "product, access log on": lambda **how: bench.product("product, access log on", "memory:", **how),
    }
    for name, start in starts.items():
        once, twice = (_run(start, name, requests, folder) for requests in (REQUESTS, 2 * REQUESTS))
        yield name, (twice - once) / REQUESTS


def _run(start, name, requests, folder):
    """All instructions of a server that answers this many requests."""
    file = folder / f"callgrind-{name.replace(', ', '-').replace(' ', '-')}-{requests}"
    with ExitStack() as stack:
        # `taskset` becomes the server, within one process.
        wrapper = ["valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={file}.%p"]
        server = stack.enter_context(start(wrapper=wrapper))
        if name != "bare hyper":
            store_one(server)
        _ask_repeatedly(server.port, path_of(MESSAGE), requests)
    totals = [int(found[1]) for out in folder.glob(f"{file.name}.*") if (found := TOTALS.search(out.read_text()))]
    if not totals:
        raise RuntimeError(f"callgrind wrote no totals for {name}")
    return max(totals)


def _ask_repeatedly(port, path, requests):
    """This many GETs, one after the other, on one connection."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
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
