"""What clients see of a cluster while one of its primaries is dead or paused.

An open load, of which half reads what is stored and most of the rest stores something new. Each tenth asks for
what can be no message, which is answered without Redis: what that takes, the load, the machine and HTTP take.
"""

import binascii
import random
import time
from contextlib import ExitStack
from functools import partial

import open_load
from groups import ACCESS_LOG_OFF, MESSAGE_BYTES, NO_CACHE, digest_of, path_of, some_messages, store_all
from open_load import ANSWER_SECONDS, percentile
from redis_server import NODE_TIMEOUT_SECONDS, Cluster
from table import verdict

RATE = 1000  # requests a second
HIT, HEALTHY, NOWHERE = "hit", "healthy", "nowhere"  # the shard whose primary fails, another one, none
SECONDS_BEFORE, SECONDS_AFTER = 5, 15
STORED = 3000
FAULTS = {"kill": "killed", "pause": "paused"}
WANTED_P99_MS = 5
WANTED_BACK_SECONDS = NODE_TIMEOUT_SECONDS + 3


def _show(fault, bench):
    """Measures and prints, with what is wanted."""
    answers = _measure(bench, fault)
    print(f"\nCluster, 3 primaries with a replica each, node timeout {NODE_TIMEOUT_SECONDS} s:", end=" ")
    print(f"one primary is {FAULTS[fault]} under {RATE} requests a second")
    before = [one for one in answers if one.ended <= SECONDS_BEFORE]
    after = [one for one in answers if one.due >= SECONDS_BEFORE]
    _show_latency("before: without Redis", [one for one in before if one.tag == NOWHERE])
    _show_latency("before: all shards", [one for one in before if one.tag != NOWHERE])
    _, p99_without = _show_latency("from then on: without Redis", [one for one in after if one.tag == NOWHERE])
    good, p99 = _show_latency("from then on: healthy shards", [one for one in after if one.tag == HEALTHY])
    dead = [one for one in after if one.tag == HIT]
    failed = [one for one in dead if not _is_good(one)]
    # Not one that was quicker than the fault.
    begun = min((one.due for one in failed), default=SECONDS_BEFORE)
    back = (one.ended for one in dead if _is_good(one) and one.due > begun)
    first = min(back, default=float("inf")) - SECONDS_BEFORE
    last = max((one.ended for one in failed), default=SECONDS_BEFORE) - SECONDS_BEFORE
    print(f"  the shard itself: {len(failed)} of {len(dead)} requests failed;", end=" ")
    print(f"first success after {first:.2f} s, last failure after {last:.2f} s")
    for what, met in (
        ("healthy shards 100 %", good == 1),
        (f"their p99 < {WANTED_P99_MS} ms", p99 < WANTED_P99_MS),
        (f"back within {WANTED_BACK_SECONDS} s", max(first, last) <= WANTED_BACK_SECONDS),
    ):
        print(f"  wanted: {what}: {verdict(met)}", flush=True)
    if p99_without >= WANTED_P99_MS:
        print("  the p99 says nothing of Redis here: without it, it is no better")
    return 0  # some must fail


SHOWS = {fault: partial(_show, fault) for fault in FAULTS}


def _is_good(answer):
    wanted = (404,) if answer.tag == NOWHERE else (200, 201)
    return answer.status in wanted and answer.seconds <= ANSWER_SECONDS


def _show_latency(name, answers):
    """Prints one line; the share of good answers and the 99th percentile."""
    good = sum(map(_is_good, answers)) / len(answers)
    p50, p99, longest = (percentile(answers, share) for share in (0.5, 0.99, 1))
    print(f"  {name:<34}{len(answers):>7} requests, {good:.3%} succeeded,", end=" ")
    print(f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {longest:.2f} ms")
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
        seconds = SECONDS_BEFORE + SECONDS_AFTER
        requests = [_request(number, random.choice(messages), slots) for number in range(RATE * seconds)]

        def fail():
            time.sleep(SECONDS_BEFORE)
            getattr(victim, fault)()

        return open_load.run(bench, server, requests, RATE, seconds, fail, cluster.nodes)


def _request(number, stored, slots):
    if number % 10 == 0:
        return open_load.get(NOWHERE, "/messages/none")
    if number % 2:
        return open_load.get(_where(stored, slots), path_of(stored))
    message = f"new-{number:09d}".ljust(MESSAGE_BYTES, "x")
    return open_load.post(_where(message, slots), message)


def _where(message, slots):
    slot = binascii.crc_hqx(f"m:{digest_of(message)}".encode(), 0) % 16_384
    return HIT if slot in slots else HEALTHY
