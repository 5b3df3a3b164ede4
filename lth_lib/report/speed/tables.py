"""Each table of a bench answers one question about speed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lth_lib.report.turns import Ratio, Row, times_as_fast

WAYS = {
    "3 replicates": "3 in turns",
    "3 replicates vmapped": "3 vmapped",
    "plain loop": "1, plain loop",
    "bfloat16": "3 in turns, bfloat16",
}
"""The ways in which convolutional networks are timed, and what the page calls them."""


def reached(limit: Sequence[Row]) -> dict[str, float]:
    """Return the operations per second of the training step over those of each large product, by its name."""
    (step,) = (row for row in limit if row.name.startswith("training step"))
    large = [row for row in limit if row.name.startswith("large product")]
    return {
        row.name: times_as_fast(step, row).median * (step.flop / step.count) / (row.flop / row.count) for row in large
    }


def step_shares(density: Sequence[Row]) -> dict[float, Ratio]:
    """Return the time of a step over a dense one, by the weights remaining in %; the dense one stands first."""
    dense = density[0]
    return {float(row.name.split()[0]): times_as_fast(dense, row) for row in density}


def step_seconds(density: Sequence[Row], kept: float) -> float:
    """Return the seconds of a step with a share of the weights, on the line between the densities that were timed."""
    timed = sorted((float(row.name.split()[0]) / 100, row.median / row.count) for row in density)
    return float(np.interp(kept, [at for at, _ in timed], [seconds for _, seconds in timed]))


def nearest(shares: Mapping[float, Ratio], percent: float) -> float:
    """Return which of the densities that were timed is nearest to one."""
    return min(shares, key=lambda at: abs(at - percent))


def growth(replicates: Sequence[Row]) -> pd.DataFrame:
    """Return milliseconds per step and replicate, `at` so many replicates trained together."""
    rows = [
        {
            "series": "LeNet-300-100, dense",
            "at": int(row.name.split()[0]),
            "median": row.median * 1e3 / row.count,
            "low": min(row.seconds) * 1e3 / row.count,
            "high": max(row.seconds) * 1e3 / row.count,
        }
        for row in replicates
    ]
    return pd.DataFrame(rows)


def images_per_second(convolutions: Sequence[Row], batches: Mapping[str, int]) -> pd.DataFrame:
    """Return images of one replicate per second: a row for each network, a column for each way; empty: not timed."""
    speeds: dict[str, dict[str, str]] = {}
    for row in convolutions:
        network, _, way = row.name.partition(", ")
        speeds.setdefault(network, dict.fromkeys(WAYS.values(), ""))[WAYS[way]] = f"{row.rate:,.0f}"
    return pd.DataFrame([{"Network": name, "Batch": f"{batches[name]}", **speed} for name, speed in speeds.items()])


def ladders(ladder: Sequence[Row]) -> dict[str, Ratio]:
    """Return, by data set, how many times as fast a whole ladder goes as a dense plain loop."""
    pairs = zip(ladder[::2], ladder[1::2], strict=True)
    return {ours.name.partition(",")[0]: times_as_fast(ours, plain) for ours, plain in pairs}


def ladder_table(timed: Mapping[str, Ratio], former: float, names: Iterable[str]) -> pd.DataFrame:
    """Return the rate of whole ladders over that of a plain loop: a row for each kernel, a column for each data set."""
    ours = {name: f"{r.median:.2f} ({r.low:.2f} to {r.high:.2f})" for name, r in timed.items()}
    rows = {
        "compiled": {name: ours.get(name, "not timed yet") for name in names},
        "former": {name: f"{former:.2f}" for name in names},
    }
    return pd.DataFrame([{"Kernel": kernel, **row} for kernel, row in rows.items()])


def former_ladder(tables: Mapping[str, Sequence[Row]], timed: Sequence[int]) -> float:
    """Return the same of a bench that has not timed it: the dense network's rate, and what a step of each level takes.

    Levels that were not `timed` are taken to lie on the line between those that were.
    """
    ours, plain, *_ = tables["others"]
    share = [ratio.median for ratio in step_shares(tables["density"]).values()]
    levels = (0, *timed)
    return times_as_fast(ours, plain).median / float(np.interp(range(levels[-1] + 1), levels, share).mean())


def ratio_points(ratios: Iterable[tuple[float, Ratio]], series: str) -> pd.DataFrame:
    """Return ratios as `figures.timings` draws them, each at its place on the axis."""
    return pd.DataFrame([{"series": series, "at": at, **ratio._asdict()} for at, ratio in ratios])
