"""What docs/benchmarks shows as plots: measured into CSV files there, of which gnuplot makes SVG beside them.

`--only draw` makes the plots again of what was measured before.
"""

import csv
import subprocess
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import large
import latency as half_load
import sizes
from groups import ACCESS_LOG_OFF, MESSAGE, path_of, store_one
from open_load import percentile
from servers import first_line
from table import each

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "benchmarks"
SCRIPTS = Path(__file__).with_suffix("")
CONNECTIONS = (1, 4, 16, 64, 256, 1024)
MESSAGE_BYTES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
MESSAGE_CONNECTIONS = 16
# Of 1 in so many requests: from the median to the slowest that so few rounds can show.
SLOWEST = (2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500, 700, 1_000, 2_000, 3_000, 5_000, 10_000)


def connections(bench):
    """Requests a second by connections: a cached GET, beside bare hyper, and a durable POST."""
    rows, failed = [], 0
    for number in CONNECTIONS:
        with ExitStack() as stack:
            product = lambda name: stack.enter_context(bench.product(name, "file:", *ACCESS_LOG_OFF))
            bare = stack.enter_context(bench.bare())
            cached, durable = product(f"cached {number}"), product(f"durable {number}")
            store_one(cached)

            def request_of(server, round_number):
                return ["post", f"round-{round_number}"] if server is durable else ["get", path_of(MESSAGE)]

            rounds = bench.interleaved([bare, cached, durable], request_of, number)
        figures = [each(rounds[server.name], "per_second") for server in (bare, cached, durable)]
        rows.append([number, *(round(of(one)) for one in figures for of in (median, min, max))])
        failed += sum(sum(one.errors.values()) for some in rounds.values() for one in some)
    names = ("bare hyper", "GET", "POST")
    head = ["connections", *(f"{name}{which}" for name in names for which in ("", " least", " most"))]
    _write(bench, "connections", head, rows)
    return failed


def latency(bench):
    """Latency percentiles of a cached GET at half load, beside bare hyper's."""
    _, rounds = half_load.measure(bench)
    answers = {name: [answer for one in some for answer in one] for name, some in rounds.items()}
    rows = [
        [of, *(round(percentile(some, 1 - 1 / of), 4) for some in answers.values())]
        for of in SLOWEST
    ]  # fmt: skip
    _write(bench, "latency", ["one in", *answers], rows)
    return sum(answer.status != 200 for some in answers.values() for answer in some)


def messages(bench):
    """CPU of a request by the size of the message, beside bare hyper's, and the least that it can be."""
    rows, failed = [], 0
    for size in MESSAGE_BYTES:
        rounds = large.get_and_post(bench, MESSAGE_CONNECTIONS, size).rounds
        failed += sum(sum(one.errors.values()) for some in rounds.values() for one in some)
        cpu = [round(median(each(some, "cpu_us")), 2) for some in rounds.values()]
        rows.append([size, *cpu, round(large.sha256_us(bench, size) + large.copy_us(bench, size), 3)])
    _write(bench, "messages", ["bytes", *rounds, "SHA-256 and memcpy"], rows)
    return failed


def stores(bench):
    """Disk and memory by the number of stored messages."""
    rows = [list(vars(store).values()) for store in sizes.stores(bench)]
    _write(bench, "stores", list(sizes.Store.__dataclass_fields__), rows)
    return 0


def draw(_=None):
    """All plots, of the files that are there."""
    for file in sorted(FOLDER.glob("*.csv")):
        _draw(file.stem)
    return 0


SHOWS = {"connections": connections, "latency": latency, "messages": messages, "stores": stores, "draw": draw}


def _write(bench, name, head, rows):
    """One file of figures, and its plot."""
    FOLDER.mkdir(exist_ok=True)
    commit = first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    with (FOLDER / f"{name}.csv").open("w", newline="") as file:
        file.write(f"# message-to-hash {commit}, {bench.options.rounds} rounds of {bench.options.seconds} s\n")
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
    _draw(name)


def _draw(name):
    output = FOLDER / f"{name}.svg"
    settings = f"data='{FOLDER / name}.csv'; set output '{output}'"
    subprocess.run(["gnuplot", "-e", settings, SCRIPTS / f"{name}.gp"], cwd=SCRIPTS, check=True)
    print(f"  {output.relative_to(ROOT)}", flush=True)
