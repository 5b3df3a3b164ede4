"""What is compared with what: a quantity of two series of studies, at the densities that are published."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

NEAR = 0.002
"""A cell is at a published density when it is this near to it: 0.2 % of the weights."""


@dataclasses.dataclass(frozen=True)
class Shrinking:
    """How a published network shrinks: the weights of each of its groups of layers, and what a level leaves of them."""

    groups: tuple[tuple[int, float], ...]

    def density(self, level: int) -> float:
        """Return the density after some levels."""
        every = sum(weights for weights, _ in self.groups)
        return sum(weights * kept**level for weights, kept in self.groups) / every


@dataclasses.dataclass(frozen=True)
class Listed:
    """How dense masks are at levels whose density is not that of a rate, such as those of whole units."""

    levels: tuple[tuple[int, float], ...]

    def density(self, level: int) -> float:
        """Return the density at a level."""
        return dict(self.levels)[level]


LENET_300_100 = Shrinking(((265_200, 0.8), (1_000, 0.9)))
"""LeNet-300-100: 20 % of each layer, 10 % of the output layer."""

UNITS_OF_LENET = Listed(((7, 71_044 / 266_200), (13, 30_228 / 266_200), (18, 20_220 / 266_200)))
"""Masks of LeNet-300-100 that keep 66 and 61 units, 17 and 53, 5 and 51: columns that read what is gone are in them."""

CONV_2 = Shrinking(((4_259_840, 0.8), (41_152, 0.9)))
"""Conv-2: 20 % of each fully connected layer, 10 % of convolutions and output layer."""


class StudyCell(NamedTuple):
    """The replicates of one series and level of one study, and the density that is published of them."""

    study: str
    series: str
    level: int
    density: float

    @property
    def key(self) -> tuple[str, int]:
        """Its series and level, which name it within its study."""
        return self.series, self.level

    @property
    def name(self) -> str:
        """The cell in words."""
        return f"{self.series!r} at level {self.level} of the study {self.study!r}"

    @property
    def percent(self) -> str:
        """Its density in per cent, without the sign."""
        return f"{self.density * 100:.1f}"

    @property
    def at(self) -> str:
        """Its density in words."""
        return f"{self.percent} %"


@dataclasses.dataclass(frozen=True)
class Side:
    """One series of a study, by the word that a rule has for it; with a `level`, it is always at that one."""

    study: str
    series: str
    word: str
    network: Shrinking | Listed = LENET_300_100
    level: int | None = None

    def cell(self, level: int) -> StudyCell:
        """Return the side's cell where the other side is at `level`."""
        own = level if self.level is None else self.level
        return StudyCell(self.study, self.series, own, self.network.density(own))


@dataclasses.dataclass(frozen=True)
class Metric:
    """What is measured: its name, what a rule calls it, and its column; of accuracy, the reading says which.

    Two cells of it are compared by their difference, or, where `by_ratio`, by how many times the other one is.
    """

    name: str
    said: str
    column: str = ""
    by_ratio: bool = False


ACCURACY = Metric("accuracy", "test accuracy")
GAP = Metric("gap at the last iteration", "gap", "gap_at_last")
EARLY_STOP = Metric("early stop", "early stops", "early_stop", by_ratio=True)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A metric of one side minus (of a ratio: over) that of another; where masks are `shared`, paired by seed."""

    metric: Metric
    left: Side
    right: Side
    shared: bool = False

    def cells(self, level: int) -> tuple[StudyCell, StudyCell]:
        """Return both sides' cells at a level."""
        return self.left.cell(level), self.right.cell(level)

    def cell(self, level: int) -> StudyCell:
        """Return the cell that is at `level` itself; the other may be at one of its own."""
        return (self.left if self.left.level is None else self.right).cell(level)

    @property
    def name(self) -> str:
        """The comparison in a list of what was measured."""
        return f"{self.metric.name}, {self.left.word} {'over' if self.metric.by_ratio else 'minus'} {self.right.word}"

    @property
    def said(self) -> str:
        """The comparison in a rule's sentence."""
        if self.metric.by_ratio:
            return f"the ratio of {self.left.word} over {self.right.word} {self.metric.said}"
        return f"{self.left.word} minus {self.right.word} {self.metric.said}"


def over(own: Side, other: Side, *, shared: bool = False) -> Comparison:
    """Return accuracy of one side minus that of another."""
    return Comparison(ACCURACY, own, other, shared)


def before(fast: Side, slow: Side, *, shared: bool = False) -> Comparison:
    """Return how many times the early stop of `fast` that of `slow` is."""
    return Comparison(EARLY_STOP, slow, fast, shared)
