"""A time is the median of several turns, and a ratio pairs the turns."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Row:
    """What was timed: `seconds` of each turn, in which `count` things of a `unit` were done.

    `flop` is how many floating-point operations that takes.
    """

    name: str
    seconds: tuple[float, ...]
    count: float
    unit: str
    flop: float = 0.0

    @property
    def median(self) -> float:
        """Seconds of the median turn."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Things done in a second, by the median turn."""
        return self.count / self.median

    @property
    def flops(self) -> float:
        """Floating-point operations per second, by the median turn."""
        return self.flop / self.median


class Ratio(NamedTuple):
    """A ratio that was taken within each turn: the median, the lowest and the highest."""

    median: float
    low: float
    high: float


def times_as_fast(a: Row, b: Row) -> Ratio:
    """Return how many times the rate of `b` that of `a` is."""
    each = [(a.count / s) / (b.count / t) for s, t in zip(a.seconds, b.seconds, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))


def low(convolutions: Sequence[Row]) -> dict[str, Ratio]:
    """Return, by network, the time of an image in bfloat16 over that of a plain float32 loop."""
    named = {row.name: row for row in convolutions}
    networks = [name.removesuffix(", plain loop") for name in named if name.endswith(", plain loop")]
    return {
        network: times_as_fast(named[f"{network}, plain loop"], named[f"{network}, bfloat16"])
        for network in networks
        if f"{network}, bfloat16" in named
    }


class Bench(NamedTuple):
    """The machine, its tables of rows, and its peaks of memory in GiB."""

    machine: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    memory: Mapping[str, float]

    def named(self, table: str) -> dict[str, Row]:
        """Return the rows of a table by name; of one that was not taken, none."""
        return {row.name: row for row in self.tables.get(table, ())}
