"""Two cores against one. wrk needs one of the two that this machine may have only, so it is told from CPU time."""

from contextlib import ExitStack

from groups import ACCESS_LOG_OFF, MESSAGE, Compared, Group, path_of, store_one
from table import ratio, verdict

ONE, TWO = "one core", "two cores, wrk on one of them"
WANTED = 1.8


def get(bench, connections):
    """A cached message, the server on one core and on two."""
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(bench.product(name, "memory:", *ACCESS_LOG_OFF, cores=cores))
            for name, cores in ((ONE, bench.server_core), (TWO, f"{bench.server_core},{bench.other_core}"))
        )
        for server in (one, two):
            store_one(server)
        rounds = bench.interleaved([one, two], lambda *_: ["get", path_of(MESSAGE)], connections)
    group = Group("GET of one cached message, by cores", rounds, connections, [Compared(TWO, ONE)])
    cpu = ratio(group, ONE, "cpu_us", TWO)
    twice = 2 * cpu.median
    group.notes = [
        f"a request costs two cores {1 / cpu.median:.2f} times the CPU that it costs one, so two whole cores, both "
        f"busy, would do {twice:.2f} [{2 * cpu.least:.2f}..{2 * cpu.most:.2f}] times the work",
        f"wanted >= {WANTED}: {verdict(twice >= WANTED)}; that none would wait for the other cannot be seen here",
    ]
    return group
