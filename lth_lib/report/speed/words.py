"""What a bench says in a sentence: a number, and beside it the machine, the turns or the other rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lth_lib.report.prose import Value
from lth_lib.report.speed.tables import reached
from lth_lib.report.turns import Bench, Ratio, Row


def times(ratio: Ratio) -> Value:
    """Return a ratio over turns, the lowest and highest of them beside it."""
    return Value(f"{ratio.median:.2f} times", f"{ratio.low:.2f} to {ratio.high:.2f} over the turns")


def machine(bench: Bench) -> Value:
    """Return the name of a machine, and beside it what else its times belong to."""
    about = bench.machine
    software = f"torch {about['torch']}, {about['date']}, commit {about['commit'][:7]}"
    return Value(about["device"], f"{about['cores']} cores, {about['threads']} threads, {software}")


def cards(benches: Collection[Bench]) -> Value:
    """Return how many cards were timed, and beside it their names."""
    return Value(str(len(benches) or "none"), ", ".join(bench.machine["device"] for bench in benches))


def of_the_limit(limit: Sequence[Row]) -> Value:
    """Return what share of the best large product's rate a training step reaches, and beside it all the rates."""
    rates = [f"{row.name}: {row.flops / 1e9:,.0f} GFLOP/s" for row in limit if row.flops]
    return Value(f"{min(reached(limit).values()):.2f}", "; ".join(rates))


def largest_memory(memory: Mapping[str, float]) -> Value:
    """Return the peak of the network that needs the most memory, and beside it those of all."""
    peaks = sorted(memory.items(), key=lambda item: item[1])
    return Value(f"{peaks[-1][1]:.2f} GiB", "; ".join(f"{name} {peak:.2f} GiB" for name, peak in peaks))
