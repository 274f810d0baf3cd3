"""What clients see of a cluster while one of its primaries is dead or paused.

An open load, as from many clients who do not wait for each other: a request is due at its time, however long
others take, and its latency counts from then. Half of them read what is stored, most others store something new.
Each tenth asks for what can be no message, which is answered without Redis: what that takes, this script, the
machine and HTTP take.
"""

import asyncio
import binascii
import gc
import random
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass

from groups import ACCESS_LOG_OFF, MESSAGE_BYTES, NO_CACHE, digest_of, some_messages, store_all
from redis_server import NODE_TIMEOUT_SECONDS, Cluster

RATE = 1000  # requests a second
HIT, HEALTHY, NOWHERE = "hit", "healthy", "nowhere"
SECONDS_BEFORE, SECONDS_AFTER = 5, 15
ANSWER_SECONDS = 15
STORED = 3000
FAULTS = {"kill": "killed", "pause": "paused"}
WANTED_P99_MS = 5
WANTED_BACK_SECONDS = NODE_TIMEOUT_SECONDS + 3
CONTENT_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)\r\n")


@dataclass
class Answer:
    """What came of one request."""

    due: float  # seconds since the load began
    seconds: float  # from then to its answer
    good: bool
    where: str  # in the shard whose primary fails, in a healthy one, or nowhere

    @property
    def ended(self):
        """When its answer came."""
        return self.due + self.seconds


def show(bench, fault):
    """Measures and prints, with what is wanted."""
    answers = _measure(bench, fault)
    print(f"\nCluster, 3 primaries with a replica each, node timeout {NODE_TIMEOUT_SECONDS} s:", end=" ")
    print(f"one primary is {FAULTS[fault]} under {RATE} requests a second")
    before = [one for one in answers if one.ended <= SECONDS_BEFORE]
    after = [one for one in answers if one.due >= SECONDS_BEFORE]
    _show_latency("before: without Redis", [one for one in before if one.where == NOWHERE])
    _show_latency("before: all shards", [one for one in before if one.where != NOWHERE])
    _, p99_without = _show_latency("from then on: without Redis", [one for one in after if one.where == NOWHERE])
    good, p99 = _show_latency("from then on: healthy shards", [one for one in after if one.where == HEALTHY])
    dead = [one for one in after if one.where == HIT]
    first = min((one.ended for one in dead if one.good), default=float("inf")) - SECONDS_BEFORE
    last = max((one.ended for one in dead if not one.good), default=SECONDS_BEFORE) - SECONDS_BEFORE
    failed = sum(not one.good for one in dead)
    print(f"  the shard itself: {failed} of {len(dead)} requests failed;", end=" ")
    print(f"first success after {first:.2f} s, last failure after {last:.2f} s")
    for what, met in (
        ("healthy shards 100 %", good == 1),
        (f"their p99 < {WANTED_P99_MS} ms", p99 < WANTED_P99_MS),
        (f"back within {WANTED_BACK_SECONDS} s", max(first, last) <= WANTED_BACK_SECONDS),
    ):
        print(f"  wanted: {what}: {'met' if met else 'MISSED'}", flush=True)
    if p99_without >= WANTED_P99_MS:
        print("  the p99 says nothing of Redis here: without it, it is no better")


def _show_latency(name, answers):
    """Prints one line; the share of good answers and the 99th percentile."""
    times = sorted(one.seconds * 1e3 for one in answers)
    good = sum(one.good for one in answers) / len(answers)
    p50, p99 = (times[int(len(times) * share)] for share in (0.5, 0.99))
    print(f"  {name:<34}{len(answers):>7} requests, {good:.3%} succeeded,", end=" ")
    print(f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {times[-1]:.2f} ms")
    return good, p99


def _measure(bench, fault):
    """The answers to the whole load; the fault comes after SECONDS_BEFORE."""
    with ExitStack() as stack:
        cluster = Cluster(stack, bench.folder)
        server = stack.enter_context(bench.product("cluster", cluster.url, *ACCESS_LOG_OFF, *NO_CACHE))
        victim = cluster.nodes[0]
        slots = cluster.slots(victim)
        messages = some_messages(STORED)
        store_all(server, messages)
        where = lambda message: HIT if _slot_of(message) in slots else HEALTHY
        load = Load(server.port, messages, where)
        # Its pauses would be taken for the server's.
        gc.collect()
        gc.disable()
        try:
            return asyncio.run(load.run(getattr(victim, fault)))
        finally:
            gc.enable()


def _slot_of(message):
    return binascii.crc_hqx(f"m:{digest_of(message)}".encode(), 0) % 16_384


class Load:
    """Requests at their times, over as many connections as that takes."""

    def __init__(self, port, stored, where_of):
        self._port = port
        total = RATE * (SECONDS_BEFORE + SECONDS_AFTER)
        # All made before the clock runs.
        self._requests = [
            self._request(number, random.choice(stored), where_of) for number in range(total)
        ]
        self._idle = []
        self._answers = []

    @staticmethod
    def _request(number, stored, where_of):
        if number % 10 == 0:
            return b"GET /messages/none HTTP/1.1\r\nHost: bench\r\n\r\n", NOWHERE
        if number % 2:
            text = f"GET /messages/{digest_of(stored)} HTTP/1.1\r\nHost: bench\r\n\r\n"
            return text.encode(), where_of(stored)
        message = f"new-{number:09d}".ljust(MESSAGE_BYTES, "x")
        body = f'{{"message":"{message}"}}'
        head = f"Host: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        return f"POST /messages HTTP/1.1\r\n{head}\r\n\r\n{body}".encode(), where_of(message)

    async def run(self, fail):
        """The answers, after `fail` was called in the midst."""
        self._started = time.perf_counter()
        fails = asyncio.create_task(self._at(SECONDS_BEFORE, fail))
        async with asyncio.TaskGroup() as group:
            for number, (request, where) in enumerate(self._requests):
                due = number / RATE
                if (wait := due - self._now()) > 0:
                    await asyncio.sleep(wait)
                group.create_task(self._ask(due, request, where))
        await fails
        for _, writer in self._idle:
            writer.close()
        return self._answers

    def _now(self):
        return time.perf_counter() - self._started

    async def _at(self, seconds, what):
        await asyncio.sleep(seconds - self._now())
        what()

    async def _ask(self, due, request, where):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status = await self._exchange(request)
        except (OSError, EOFError, TimeoutError):
            status = None
        good = status in ((b"404",) if where == NOWHERE else (b"200", b"201"))
        self._answers.append(Answer(due, self._now() - due, good, where))

    async def _exchange(self, request):
        """The status of the answer."""
        stream = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = stream
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(CONTENT_LENGTH.search(head)[1]))
        except BaseException:
            writer.close()
            raise
        self._idle.append(stream)
        return head[9:12]
