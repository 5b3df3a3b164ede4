"""What is asked of an interval: yes, no, or undecided."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod

from lth_lib.report.claims.second.common import MARGIN, TEMPO

YES, NO, OPEN = "yes", "no", "undecided"


class Question(ABC):
    """A question whose answer follows from the two ends of an interval; an end that is not known is infinite or NaN."""

    @abstractmethod
    def answer(self, low: float, high: float) -> str:
        """Return yes, no or undecided."""


@dataclasses.dataclass(frozen=True)
class Direction(Question):
    """Does the whole interval lie above `above`? No, if it does not and lies wholly below `below`."""

    above: float
    below: float

    def answer(self, low: float, high: float) -> str:
        return YES if low > self.above else NO if high < self.below else OPEN


@dataclasses.dataclass(frozen=True)
class Size(Question):
    """Does the whole interval lie between `low` and `high`? No, if it lies wholly outside."""

    low: float
    high: float

    def answer(self, low: float, high: float) -> str:
        if self.low <= low and high <= self.high:
            return YES
        return NO if high < self.low or low > self.high else OPEN


def points(size: float) -> Size:
    """Return the question whether a published difference is met: from half of it to twice."""
    return Size(size / 2, 2 * size)


def times(size: float) -> Size:
    """Return the question whether a published ratio is met: its logarithm from half to twice."""
    return Size(math.sqrt(size), size**2)


def more_than(size: float) -> Direction:
    """Return the question whether a difference is more than a published one: above half of it."""
    return Direction(size / 2, size / 2)


BETTER = Direction(0, MARGIN)
"""More accurate; no if the difference is smaller than the margin within which accuracies match."""

MATCHES = Direction(-MARGIN, -MARGIN)
"""Matches or exceeds."""

SAME = Size(-MARGIN, MARGIN)
"""A published size of 0."""

EARLIER = Direction(1, TEMPO)
"""Stops earlier: the ratio of the slower over the faster."""
