"""Medians, ratios, and how they are printed."""

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
        each = [a / b for a, b in zip(over, under, strict=True)]
        self.median, self.least, self.most = median(each), min(each), max(each)

    def __str__(self):
        return f"{self.median:.2f} [{self.least:.2f}..{self.most:.2f}]"


def each(rounds, figure):
    """This figure of each round."""
    return [getattr(one, figure) for one in rounds]


def ratio(group, name, figure, base=None):
    """How this server compares with the group's base."""
    return Ratio(each(group.rounds[name], figure), each(group.rounds[base or group.base], figure))


def show(group, connections):
    """Prints one group; returns how many requests failed."""
    print(f"\n{group.title}, {connections} connections (ratios: to {group.base})")
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
    return failed


def show_fsyncs(group, connections):
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
    print(f"(at most {connections}, one for each connection)")
    parts = (("the disk", share.median), ("the server's core", core), ("wrk's core", client))
    full = " and ".join(name for name, busy in parts if busy >= FULL)
    print(f"  used: disk {share}, server's core {core:.0%}, wrk's core {client:.0%}: POST is bound by", end=" ")
    print(full or "none of them alone, so by threads that wait for each other or for other processes")


def show_acceptance(groups, wanted):
    """Prints one line for each ratio that the product is held to; `wanted` is the least for the first."""
    print("\nratios (median of pairwise ratios [min..max]; above 1 is better than what it is compared to)")
    for group, name, base, least in (
        ("cached", "product", "bare hyper", wanted),
        ("stored", "embedded, no cache", "memory, no cache", None),
        ("post", "embedded", "memory", None),
    ):
        if group not in groups:
            continue
        rate = ratio(groups[group], name, "per_second", base)
        # The other way round: CPU time is a cost.
        cpu = Ratio(each(groups[group].rounds[base], "cpu_us"), each(groups[group].rounds[name], "cpu_us"))
        what = f"{groups[group].title.split()[0]} {name} / {base}"
        line = f"  {what:<48} req/s {rate}   CPU a request {cpu}"
        if least is not None:
            line += f"   wanted: req/s >= {least}: {'met' if rate.median >= least else 'MISSED'}"
        print(line)
