"""A number is printed with its unit, its interval and how many replicates it stands on."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike

from lth_lib.report.stats.intervals import Interval, interval


@dataclasses.dataclass(frozen=True)
class Unit:
    """How a number is shown: multiplied by `scale`, in `format`, followed by `name`."""

    name: str
    scale: float = 1
    format: str = ".2f"

    def text(self, value: float) -> str:
        """Return `value` as shown, without the unit's name; never minus zero."""
        return format(value * self.scale, self.format)


PERCENT = Unit("%", 100, "z.2f")
POINTS = Unit("points", 100, "+z.2f")
ITERATIONS = Unit("iterations", 1, ",.0f")
TIMES = Unit("times", 1, ".2f")


def told(value: Interval, unit: Unit) -> tuple[str, str]:
    """Return a mean with its unit, and what belongs to it: its interval, and how many replicates it stands on."""
    count = f"{value.n} and {value.against}" if value.against else f"{value.n}"
    missing = (f", {value.missing} missing" if value.missing else "") + (f"; {value.note}" if value.note else "")
    if value.n == 0:
        return "no value", f"n = 0{missing}"
    mean = f"{unit.text(value.mean)} {unit.name}"
    if math.isnan(value.low):
        return mean, f"n = {count}, no interval{missing}"
    return mean, f"{unit.text(value.low)} to {unit.text(value.high)}, n = {count}{missing}"


def describe(value: Interval, unit: Unit) -> str:
    """Return an interval in words, such as `98.12 % (97.95 to 98.29, n = 5)`."""
    mean, more = told(value, unit)
    return f"{mean} ({more})"


def briefly(value: Interval, unit: Unit) -> str:
    """Return a mean and its interval in words, for a table whose header has the unit and the count."""
    note = f" ({value.note})" if value.note else ""
    return f"{unit.text(value.mean)} ({unit.text(value.low)} to {unit.text(value.high)}){note}"


def told_reached(values: ArrayLike, unit: Unit = ITERATIONS) -> tuple[str, str]:
    """Return when replicates reached a target, as `told`; where one did not (NaN), how many did and no mean.

    A mean over those that happened to arrive would be smaller the fewer of them do.
    """
    given = np.asarray(values, dtype=float)
    arrived = int(np.sum(~np.isnan(given)))
    if given.size and arrived == given.size:
        return told(interval(given), unit)
    return f"reached by {arrived} of {given.size} replicates", ""
