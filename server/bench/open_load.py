"""The open load of server/examples/open_load.rs: a request is due at its time, however long others take."""

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass

from awake import awake, go_first

ANSWER_SECONDS = 15  # how long it waits for the last answers


@dataclass
class Answer:
    """What came of one request."""

    due: float  # seconds since the load began
    seconds: float  # from then to its answer
    status: int  # 0: none came
    tag: str  # what the request was sent with

    @property
    def ended(self):
        """When its answer came."""
        return self.due + self.seconds


def get(tag, path):
    """A request to read."""
    return f"{tag} GET {path}"


def post(tag, message):
    """A request to store; the message has nothing that JSON would escape."""
    return f'{tag} POST /messages {{"message":"{message}"}}'


def run(bench, server, requests, rate, seconds, meanwhile=lambda: None, others=(), connections=None):
    """The answers to these requests, in turn, so many a second; `meanwhile` is called once the clock runs.

    The load runs where this script does: on the core that is not the server's. It, the server and the `others` that
    the answer depends on go before what else the machine does, which is not to be measured. With so many
    `connections` it spins, for more requests a second than it could sleep between, which keeps its core awake; and it
    goes before nobody, since the kernel's own threads are among those it would starve, and after a second of that it
    is stopped for 50 ms.
    """
    file = bench.folder / "requests"
    file.write_text("".join(f"{request}\n" for request in requests))
    program = [bench.binaries / "examples" / "open_load", f"127.0.0.1:{server.port}"]
    program += [str(rate), str(seconds), file, *([str(connections)] if connections else [])]
    with ExitStack() as stack:
        stack.enter_context(awake(bench.server_core, *([] if connections else [bench.other_core])))
        load = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        stack.enter_context(load)
        stack.callback(load.kill)  # in vain but where this is interrupted
        for process in (server, *others, *([] if connections else [load])):
            go_first(process.pid)
        if load.stdout.readline() != "begun\n":
            raise RuntimeError("open_load did not begin")
        meanwhile()
        lines = load.stdout.read().splitlines()
    if load.returncode:
        raise RuntimeError("open_load failed")
    return [_answer(*line.split(",")) for line in lines]


def _answer(due, seconds, status, tag):
    return Answer(float(due), float(seconds), int(status), tag)


def percentile(answers, share):
    """The latency, in milliseconds, that this share of the answers was not over."""
    times = sorted(one.seconds for one in answers)
    return times[min(int(len(times) * share), len(times) - 1)] * 1e3
