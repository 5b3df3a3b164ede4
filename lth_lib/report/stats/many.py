"""Many comparisons are corrected before they are counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from scipy.special import stdtr

from lth_lib.report.stats.intervals import Interval, quantile

Key = TypeVar("Key")


def p_value(found: Interval, at: float) -> float:
    """Return the two-sided p-value of the mean being `at`: below 1 - confidence where the interval excludes it.

    Of a ratio, give the interval of its logarithm. Without an interval there is no p-value, NaN.
    """
    error = (found.high - found.low) / 2 / quantile(found.confidence, found.freedom)
    if error == 0:
        return float(found.mean == at)
    return float(2 * stdtr(found.freedom, -abs(found.mean - at) / error))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given; one that is NaN counts as 1.

    The smallest of m is multiplied by m, the next by m - 1, and so on, never decreasing and never above 1.
    """
    given = np.array([1.0 if math.isnan(p) else p for p in p_values])
    order = given.argsort(kind="stable")
    scaled = given[order] * np.arange(given.size, 0, -1)
    adjusted = np.empty(given.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted.tolist()


def standing(found: Mapping[Key, Interval], at: float = 0, level: float = 0.05) -> tuple[list[Key], list[Key]]:
    """Return which of several means lie above `at`, and which below, after Holm's correction over all of them."""
    adjusted = holm([p_value(one, at) for one in found.values()])
    clear = [key for key, p in zip(found, adjusted, strict=True) if p < level]
    return [key for key in clear if found[key].mean > at], [key for key in clear if found[key].mean < at]


def ratios_standing(found: Mapping[Key, Interval]) -> tuple[list[Key], list[Key]]:
    """Return which of several ratios lie above 1, and which below: what stands of their logarithms."""
    return standing({key: one.through(math.log) for key, one in found.items()})
