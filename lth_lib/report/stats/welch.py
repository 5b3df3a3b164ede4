"""Two groups that share nothing are compared by all replicates of both."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lth_lib.report.stats.intervals import Interval, known, quantile
from lth_lib.spec import require


def welch(a: ArrayLike, b: ArrayLike, confidence: float = 0.95, *, drop_nan: bool = False) -> Interval:
    """Return the mean of `a` minus that of `b`, one number for each replicate, with Welch's t interval.

    The two may have different numbers of replicates and different spreads. A group of one has no interval.
    """
    (left, lost), (right, gone) = known(a, confidence, drop_nan), known(b, confidence, drop_nan)
    mean = float(left.mean() - right.mean()) if left.size and right.size else math.nan
    freedom, half = math.nan, math.nan
    if min(left.size, right.size) > 1:
        variances = [float(values.var(ddof=1)) / values.size for values in (left, right)]
        freedom = _freedom(variances, (left.size, right.size))
        half = quantile(confidence, freedom) * math.sqrt(sum(variances))
    ends = mean - half, mean + half
    return Interval(mean, *ends, left.size, lost + gone, confidence, freedom=freedom, against=right.size)


def _freedom(variances: list[float], sizes: tuple[int, int]) -> float:
    """Return Welch and Satterthwaite's degrees of freedom, from the variances of two means."""
    if not sum(variances):
        return sum(sizes) - 2  # no spread at all: every formula gives an interval of no width
    return sum(variances) ** 2 / sum(v**2 / (n - 1) for v, n in zip(variances, sizes, strict=True))


def welch_ratio(a: ArrayLike, b: ArrayLike, confidence: float = 0.95, *, drop_nan: bool = False) -> Interval:
    """Return the ratio of the geometric means of `a` and `b` with Welch's interval, that of the logarithms."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    positive = not (np.any(left <= 0) or np.any(right <= 0))
    require(positive, f"a ratio needs numbers above zero; it was given {left.tolist()} over {right.tolist()}.")
    return welch(np.log(left), np.log(right), confidence, drop_nan=drop_nan).through(math.exp)
