"""What is asked of an interval: yes, no, or undecided."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod

from lth_lib.report.stats import Unit

MARGIN = 0.002
"""Two accuracies match when they are within 0.2 points (Frankle et al. 2020)."""

TEMPO = 1.1
"""Two early stops match when they are within ten per cent."""

YES, NO, OPEN = "yes", "no", "undecided"


class Question(ABC):
    """A question whose answer follows from the two ends of an interval; an end that is not known is infinite or NaN."""

    @abstractmethod
    def answer(self, low: float, high: float) -> str:
        """Return yes, no or undecided."""

    @abstractmethod
    def said(self, unit: Unit) -> str:
        """Return when each answer falls, in words."""

    @abstractmethod
    def bounds(self, unit: Unit) -> str:
        """Return where the whole interval must lie for a yes."""


@dataclasses.dataclass(frozen=True)
class Direction(Question):
    """Does the whole interval lie above `above`? No, if it does not and lies wholly below `below`."""

    above: float
    below: float

    def answer(self, low: float, high: float) -> str:
        return YES if low > self.above else NO if high < self.below else OPEN

    def said(self, unit: Unit) -> str:
        no = f"below {_shown(self.below, unit)}"
        no = f"it does not and lies {no}" if self.below > self.above else no
        return f"yes if the whole interval lies {self.bounds(unit)}, no if {no}, undecided otherwise"

    def bounds(self, unit: Unit) -> str:
        return f"above {_shown(self.above, unit)}"


@dataclasses.dataclass(frozen=True)
class Size(Question):
    """Does the whole interval lie between `low` and `high`? No, if it lies wholly outside."""

    low: float
    high: float

    def answer(self, low: float, high: float) -> str:
        if self.low <= low and high <= self.high:
            return YES
        return NO if high < self.low or low > self.high else OPEN

    def said(self, unit: Unit) -> str:
        return f"yes if the whole interval lies {self.bounds(unit)}, no if wholly outside, undecided otherwise"

    def bounds(self, unit: Unit) -> str:
        return f"between {self.low * unit.scale:.3g} and {_shown(self.high, unit)}"


def _shown(value: float, unit: Unit) -> str:
    """Return a bound with no digits that it does not need."""
    return f"{value * unit.scale:.3g} {unit.name}"


BETTER = Direction(0, MARGIN)
"""More accurate, or a smaller gap; no if the difference is smaller than the margin within which accuracies match."""

MATCHES = Direction(-MARGIN, -MARGIN)
"""Matches or exceeds."""

EITHER = Direction(0, 0)
"""More accurate; no if it is less accurate."""

SAME = Size(-MARGIN, MARGIN)
"""A published size of 0."""

EARLIER = Direction(1, TEMPO)
"""Stops earlier: the ratio of the slower over the faster."""

UNBEATEN = Direction(1 / TEMPO, 1)
"""Is beaten by no more than early stops that match may differ; no if it is beaten at all: the ratio over it."""
