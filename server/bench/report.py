"""Statistics over rounds, and the tables that the benchmark prints."""

import sys
from dataclasses import dataclass, field
from math import comb
from statistics import median

COLUMNS = "  {:<32}{:>9}{:>21}{:>9}{:>21}{:>7}{:>7}{:>8}{:>8}{:>8}"
HEADINGS = COLUMNS.format(
    "", "req/s", "ratio [min..max]", "CPU us", "ratio [min..max]", "server", "wrk", "p50 ms", "p99 ms", "errors"
)
# A core counts as full from this share on.
FULL = 0.9
# Other processes disturb a measurement if they use more cores than this.
QUIET = 0.1


@dataclass
class Comparison:
    """A ratio in the summary at the end of a run."""

    name: str
    base: str
    target: float = None  # the least ratio that meets the goal


@dataclass
class Group:
    """The rounds of several servers. The first server is the base of the others' ratios."""

    title: str
    rounds: dict  # name of a server -> [Round]
    connections: int
    comparisons: list  # [Comparison]
    notes: list = field(default_factory=list)  # lines to print below the table
    redis_seconds: dict = field(default_factory=dict)  # name of a server -> CPU seconds of Redis in each round

    @property
    def base(self):
        """The name of the first server."""
        return next(iter(self.rounds))

    def ratio(self, name, figure, base=None):
        """The ratio of two servers' figures; `base` is the first server by default."""
        return Ratio(values(self.rounds[name], figure), values(self.rounds[base or self.base], figure))

    def redis_us(self, name):
        """CPU us of Redis for each request, in each round."""
        return [
            seconds * 1e6 / one.requests
            for seconds, one in zip(self.redis_seconds[name], self.rounds[name], strict=True)
        ]


class Ratio:
    """The ratios of two servers in rounds that ran next to each other."""

    def __init__(self, numerators, denominators):
        self._ratios = sorted(a / b for a, b in zip(numerators, denominators, strict=True))
        self.median, self.min, self.max = median(self._ratios), self._ratios[0], self._ratios[-1]

    @property
    def interval(self):
        """The 95 % confidence interval of the median, by the sign test; with fewer than six rounds, all of them."""
        rounds, outside, below = len(self._ratios), 0, 0
        while (outside := outside + comb(rounds, below) / 2**rounds) <= 0.025:
            below += 1
        below = max(below - 1, 0)
        return self._ratios[below], self._ratios[-1 - below]

    def __str__(self):
        return f"{self.median:.2f} [{self.min:.2f}..{self.max:.2f}]"


def values(rounds, figure):
    """One figure of each round."""
    return [getattr(one, figure) for one in rounds]


def count_errors(rounds):
    """The number of failed requests in these rounds."""
    return sum(sum(one.errors.values()) for one in rounds)


def verdict(is_met):
    """The word printed after a target."""
    return "met" if is_met else "MISSED"


def show(group):
    """Prints one group; returns the number of failed requests."""
    print(f"\n{group.title}, {group.connections} connections (ratios: to {group.base})")
    print(HEADINGS)
    for name, rounds in group.rounds.items():
        _show_server(group, name, rounds)
    others = median(one.others_busy for rounds in group.rounds.values() for one in rounds)
    hint = "" if others < QUIET else "; the rates may be lower for it, CPU us is less affected"
    print(f"  other processes used {others:.2f} cores (median){hint}")
    for note in group.notes:
        print(f"  {note}")
    sys.stdout.flush()
    return sum(map(count_errors, group.rounds.values()))


def _show_server(group, name, rounds):
    """Prints the row of one server."""
    middle = {figure: median(values(rounds, figure)) for figure in vars(rounds[0]) if figure != "errors"}
    errors, is_base = count_errors(rounds), name == group.base
    cells = [
        name,
        f"{middle['per_second']:,.0f}",
        "1" if is_base else str(group.ratio(name, "per_second")),
        f"{middle['cpu_us']:.1f}",
        "1" if is_base else str(group.ratio(name, "cpu_us")),
        f"{middle['server_busy']:.0%}",
        f"{middle['wrk_busy']:.0%}",
        f"{middle['p50_ms']:.2f}",
        f"{middle['p99_ms']:.2f}",
        str(errors),
    ]
    print(COLUMNS.format(*cells))
    if errors:
        kinds = [one.errors for one in rounds if one.errors]
        print(f"  *** ERRORS: {name}: {errors} requests failed, so its figures are not valid: {kinds} ***")


def show_comparisons(groups):
    """Prints the summary: one line per comparison."""
    if groups:
        print("\nratios (median of pairwise ratios [min..max]; above 1 is better than the base)")
    for group in groups:
        for comparison in group.comparisons:
            _show_comparison(group, comparison)


def _show_comparison(group, comparison):
    """Prints one comparison, and whether it meets its target."""
    name, base = comparison.name, comparison.base
    rate = group.ratio(name, "per_second", base)
    # CPU time is a cost, so its ratio is inverted.
    cpu = group.ratio(base, "cpu_us", name)
    label = f"{group.title.split()[0]} {name} / {base}, {group.connections}"
    line = f"  {label:<62} req/s {rate}   CPU a request {cpu}"
    if group.redis_seconds:
        line += f"   CPU of Redis {Ratio(group.redis_us(base), group.redis_us(name))}"
    if comparison.target is not None:
        verdicts = (
            f"{figure} {verdict(ratio.median >= comparison.target)}" for figure, ratio in (("req/s", rate), ("CPU", cpu))
        )
        line += f"   target >= {comparison.target}: {', '.join(verdicts)}"
    print(line)
