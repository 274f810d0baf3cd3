"""Medians, ratios, and how they are printed."""

import sys
from math import comb
from statistics import median

COLUMNS = "  {:<32}{:>9}{:>21}{:>9}{:>21}{:>7}{:>7}{:>8}{:>8}{:>8}"
HEADINGS = COLUMNS.format(
    "", "req/s", "ratio [min..max]", "CPU us", "ratio [min..max]", "server", "wrk", "p50 ms", "p99 ms", "errors"
)
# How full a core is when nothing more fits, measured as coarsely as it is here.
FULL = 0.9
# What others may take, in cores, before they count.
QUIET = 0.1


class Ratio:
    """Rounds of one server over the rounds of another that ran next to them."""

    def __init__(self, over, under):
        self._each = sorted(a / b for a, b in zip(over, under, strict=True))
        self.median, self.least, self.most = median(self._each), self._each[0], self._each[-1]

    @property
    def interval(self):
        """Where the median is with 95 %, by the sign test; all rounds if they are fewer than six."""
        rounds, outside, below = len(self._each), 0, 0
        while (outside := outside + comb(rounds, below) / 2**rounds) <= 0.025:
            below += 1
        below = max(below - 1, 0)
        return self._each[below], self._each[-1 - below]

    def __str__(self):
        return f"{self.median:.2f} [{self.least:.2f}..{self.most:.2f}]"


def each(rounds, figure):
    """This figure of each round."""
    return [getattr(one, figure) for one in rounds]


def ratio(group, name, figure, base=None):
    """How this server compares with the group's base."""
    return Ratio(each(group.rounds[name], figure), each(group.rounds[base or group.base], figure))


def show(group):
    """Prints one group; returns how many requests failed."""
    print(f"\n{group.title}, {group.connections} connections (ratios: to {group.base})")
    print(HEADINGS)
    failed = 0
    for name, rounds in group.rounds.items():
        middle = {figure: median(each(rounds, figure)) for figure in vars(rounds[0]) if figure != "errors"}
        errors = sum(sum(one.errors.values()) for one in rounds)
        failed += errors
        is_base = name == group.base
        cells = [
            name,
            f"{middle['per_second']:,.0f}",
            "1" if is_base else str(ratio(group, name, "per_second")),
            f"{middle['cpu_us']:.1f}",
            "1" if is_base else str(ratio(group, name, "cpu_us")),
            f"{middle['server_busy']:.0%}",
            f"{middle['wrk_busy']:.0%}",
            f"{middle['p50_ms']:.2f}",
            f"{middle['p99_ms']:.2f}",
            str(errors),
        ]
        print(COLUMNS.format(*cells))
        if errors:
            kinds = [one.errors for one in rounds if one.errors]
            print(f"  *** ERRORS: {name}: {errors} requests failed, so its figures mean nothing: {kinds} ***")
    others = median(one.others_busy for rounds in group.rounds.values() for one in rounds)
    quiet = "" if others < QUIET else "; the rates are not the server's own then, CPU us more nearly so"
    print(f"  meanwhile other processes took {others:.2f} cores (median){quiet}")
    if group.disk:
        _show_fsyncs(group)
    if group.redis_seconds:
        _show_redis(group)
    for note in group.notes:
        print(f"  {note}")
    sys.stdout.flush()
    return failed


def _show_fsyncs(group):
    """Prints what bounds a durable POST: the disk, the core or a lock."""
    embedded, disk = group.rounds["embedded"], median(group.disk)
    print(f"  the disk alone, 4 KiB appended and fsync, in turn with the rounds: {disk:,.0f} a second", end=" ")
    print(f"[{min(group.disk):,.0f}..{max(group.disk):,.0f}]")
    counts = [count for count in group.fsyncs if count]
    if len(counts) < len(embedded):
        print(f"  fsyncs: not counted: {group.not_counted or 'perf gave no count'}")
        return
    rates = [count / (one.ended - one.started) for count, one in zip(counts, embedded, strict=True)]
    batch = median(one.requests / count for count, one in zip(counts, embedded, strict=True))
    share = Ratio(rates, group.disk)
    core, client = (median(each(embedded, figure)) for figure in ("server_busy", "wrk_busy"))
    print(f"  the embedded store: {median(rates):,.0f} fsyncs a second, {batch:.1f} messages each", end=" ")
    print(f"(at most {group.connections}, one for each connection)")
    parts = (("the disk", share.median), ("the server's core", core), ("wrk's core", client))
    full = " and ".join(name for name, busy in parts if busy >= FULL)
    print(f"  used: disk {share}, server's core {core:.0%}, wrk's core {client:.0%}: POST is bound by", end=" ")
    print(full or "none of them alone, so by threads that wait for each other or for other processes")


def _show_redis(group):
    """Prints what Redis spent, and which core was full."""
    costs = {name: _redis_us(group, name) for name in group.rounds}
    print("  redis-server, CPU us a request:", end=" ")
    print(", ".join(f"{median(us):.1f} for {name}" for name, us in costs.items()))
    for name, rounds in group.rounds.items():
        server = median(each(rounds, "server_busy"))
        wall = [one.ended - one.started for one in rounds]
        redis = median(used / of for used, of in zip(group.redis_seconds[name], wall, strict=True))
        wrk = median(each(rounds, "wrk_busy"))
        own = "the server's own" if server >= FULL else "not the server's own"
        print(f"  {name}: server's core {server:.0%}, the other one: redis-server {redis:.0%}, wrk {wrk:.0%}:", end=" ")
        print(f"the rate is {own}")


def _redis_us(group, name):
    """CPU us of Redis for each request, of each round."""
    rounds = group.rounds[name]
    return [used * 1e6 / one.requests for used, one in zip(group.redis_seconds[name], rounds, strict=True)]


def show_acceptance(groups):
    """Prints one line for each ratio that the product is held to."""
    if groups:
        print("\nratios (median of pairwise ratios [min..max]; above 1 is better than what it is compared to)")
    for group in groups:
        for compared in group.compared:
            _show_compared(group, compared)


def _show_compared(group, compared):
    """Prints one ratio, and whether it is what is wanted."""
    rate = ratio(group, compared.name, "per_second", compared.base)
    # The other way round: CPU time is a cost.
    cpu = ratio(group, compared.base, "cpu_us", compared.name)
    what = f"{group.title.split()[0]} {compared.name} / {compared.base}, {group.connections}"
    line = f"  {what:<62} req/s {rate}   CPU a request {cpu}"
    if group.redis_seconds:
        line += f"   CPU of Redis {Ratio(_redis_us(group, compared.base), _redis_us(group, compared.name))}"
    if compared.least is not None:
        verdicts = (f"{name} {verdict(of.median >= compared.least)}" for name, of in (("req/s", rate), ("CPU", cpu)))
        line += f"   wanted >= {compared.least}: {', '.join(verdicts)}"
    print(line)


def verdict(is_met):
    """What is printed beside what is wanted."""
    return "met" if is_met else "MISSED"
