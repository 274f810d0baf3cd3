"""The plots in docs/benchmarks: figures as CSV files, which gnuplot draws as SVG. `draw` draws existing CSV files."""

import csv
import subprocess
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from groups.http import copy_us, large, measure_latency, sha256_us
from groups.sizes import StoreSize, measure_stores
from load import MESSAGE, path_of, percentile_ms, run_interleaved, store_one
from report import count_errors, values
from servers import ACCESS_LOG_OFF, first_line

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docs" / "benchmarks"
SCRIPTS = Path(__file__).resolve().parents[1] / "plots"
CONNECTIONS = (1, 4, 16, 64, 256, 1024)
MESSAGE_BYTES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
MESSAGE_CONNECTIONS = 16
# Percentiles, as the slowest 1 in N requests: from the median to the slowest that a few rounds can show.
SLOWEST = (2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500, 700, 1_000, 2_000, 3_000, 5_000, 10_000)


def connections(bench):
    """Requests a second by connections: bare hyper, a cached GET and a durable POST."""
    rows, failed = [], 0
    for number in CONNECTIONS:
        with ExitStack() as stack:
            product = lambda name: stack.enter_context(bench.start_product(name, "file:", *ACCESS_LOG_OFF))
            bare = stack.enter_context(bench.start_bare())
            cached, durable = product(f"cached {number}"), product(f"durable {number}")
            store_one(cached)

            def arguments_of(server, round_number):
                return ["post", f"round-{round_number}"] if server is durable else ["get", path_of(MESSAGE)]

            rounds = run_interleaved(bench, [bare, cached, durable], arguments_of, number)
        rates = [values(rounds[server.name], "per_second") for server in (bare, cached, durable)]
        rows.append([number, *(round(figure(rate)) for rate in rates for figure in (median, min, max))])
        failed += sum(map(count_errors, rounds.values()))
    names = ("bare hyper", "GET", "POST")
    header = ["connections", *(f"{name}{figure}" for name in names for figure in ("", " min", " max"))]
    _write(bench, "connections", header, rows)
    return failed


def latency(bench):
    """Latency percentiles at half load: bare hyper and a cached GET."""
    _, rounds = measure_latency(bench)
    responses = {name: [response for one in measured for response in one] for name, measured in rounds.items()}
    rows = [
        [count, *(round(percentile_ms(measured, 1 - 1 / count), 4) for measured in responses.values())]
        for count in SLOWEST
    ]
    _write(bench, "latency", ["one in", *responses], rows)
    return sum(response.status != 200 for measured in responses.values() for response in measured)


def messages(bench):
    """CPU time of a request by the size of the message, with the cost of SHA-256 and a copy alone."""
    rows, failed = [], 0
    for size in MESSAGE_BYTES:
        rounds = large(bench, MESSAGE_CONNECTIONS, size).rounds
        failed += sum(map(count_errors, rounds.values()))
        cpu = [round(median(values(measured, "cpu_us")), 2) for measured in rounds.values()]
        rows.append([size, *cpu, round(sha256_us(bench, size) + copy_us(bench, size), 3)])
    _write(bench, "messages", ["bytes", *rounds, "SHA-256 and memcpy"], rows)
    return failed


def stores(bench):
    """Disk and memory by the number of stored messages."""
    rows = [list(vars(store).values()) for store in measure_stores(bench)]
    _write(bench, "stores", list(StoreSize.__dataclass_fields__), rows)
    return 0


def draw(_):
    """Draws all plots from existing CSV files."""
    for file in sorted(FOLDER.glob("*.csv")):
        _draw(file.stem)
    return 0


def _write(bench, name, header, rows):
    """Writes one CSV file and draws its plot."""
    FOLDER.mkdir(exist_ok=True)
    commit = first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    with (FOLDER / f"{name}.csv").open("w", newline="") as file:
        file.write(f"# message-to-hash {commit}, {bench.options.rounds} rounds of {bench.options.seconds} s\n")
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    _draw(name)


def _draw(name):
    output = FOLDER / f"{name}.svg"
    settings = f"data='{FOLDER / name}.csv'; set output '{output}'"
    subprocess.run(["gnuplot", "-e", settings, SCRIPTS / f"{name}.gp"], cwd=SCRIPTS, check=True)
    print(f"  {output.relative_to(ROOT)}", flush=True)
