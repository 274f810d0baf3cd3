"""User-space instructions of one GET on a kept connection, counted by callgrind. Other processes do not disturb them.

Each server runs twice, for N and for 2 N requests. The difference divided by N is the cost of one request.
"""

import re
import socket
import subprocess
from contextlib import ExitStack

from groups.observed import TokenIssuer
from load import MESSAGE, path_of, store_one
from servers import ACCESS_LOG_OFF

REQUESTS = 2000
TOTALS = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
BARE, METRICS = "bare hyper", "its metrics alone"
HEAD_END = b"\r\n\r\n"


def show_instructions(bench):
    """Counts and prints."""
    print(f"\nuser-space instructions of a cached GET of 200 bytes, over {REQUESTS} requests")
    bare = None
    for name, instructions in count_instructions(bench):
        bare = bare or instructions
        print(f"  {name:<32}{instructions:>9,.0f}{instructions / bare:>9.2f}", flush=True)


def count_instructions(bench):
    """Yields the name of each server and its instructions per request."""
    folder = bench.folder
    issuer = TokenIssuer(bench.folder)
    token = issuer.token()
    product = lambda name, *options: lambda **settings: bench.start_product(name, "memory:", *options, **settings)
    servers = {
        BARE: (lambda **settings: bench.start_bare(**settings), None),
        "product": (product("product", *ACCESS_LOG_OFF), None),
        "product, access log on": (product("product, access log on"), None),
        "product, and identity on": (product("product, and identity on", *issuer.options), token),
    }
    for name, (start, bearer) in servers.items():
        yield name, _per_request(lambda count: _count_server(start, name, count, bearer, folder))
    yield METRICS, _per_request(lambda count: _count_metrics(bench, count, folder))


def _per_request(count_total):
    return (count_total(2 * REQUESTS) - count_total(REQUESTS)) / REQUESTS


def _count_server(start, name, requests, token, folder):
    """All instructions of a server that answers this many requests."""
    file, wrapper = _callgrind(folder, name, requests)
    with ExitStack() as stack:
        server = stack.enter_context(start(wrapper=wrapper))
        if name != BARE:
            store_one(server, token=token)
        _send_requests(server.port, path_of(MESSAGE), requests, token)
    return _total(file)


def _count_metrics(bench, requests, folder):
    """All instructions of a program that records the metrics of this many requests."""
    file, wrapper = _callgrind(folder, METRICS, requests)
    program = [bench.binaries / "examples" / "metrics_cost", str(requests)]
    subprocess.run([*wrapper, *program], capture_output=True, check=True)
    return _total(file)


def _callgrind(folder, name, requests):
    """The file for callgrind's counts, and the command to run in front of the program."""
    file = folder / f"callgrind-{name.replace(', ', '-').replace(' ', '-')}-{requests}"
    # taskset replaces itself with the server, which callgrind follows as a child.
    return file, ["valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={file}.%p"]


def _total(file):
    outputs = file.parent.glob(f"{file.name}.*")
    totals = [int(found[1]) for output in outputs if (found := TOTALS.search(output.read_text()))]
    if not totals:
        raise RuntimeError(f"callgrind wrote no totals: {file.name}")
    return max(totals)


def _send_requests(port, path, requests, token):
    """Sends GETs one after the other on one connection."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        length = None
        for _ in range(requests):
            client.sendall(request)
            response = b""
            while length is None or len(response) < length:
                part = client.recv(65536)
                if not part:
                    raise RuntimeError("the server closed the connection")
                response += part
                if length is None and HEAD_END in response:
                    # All responses have the same length: only their ids differ.
                    body = re.search(rb"(?i)content-length: (\d+)", response)
                    length = response.index(HEAD_END) + len(HEAD_END) + int(body[1])
            if not response.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"not found: {response[:200]!r}")
