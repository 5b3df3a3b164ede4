"""A mean is shown with its Student-t interval over replicates."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from lth_lib.spec import require


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean over `n` replicates and its confidence interval; `missing` replicates had no value.

    `note` is what must be said with the number wherever it is printed, `freedom` the degrees of freedom of the t
    interval, `against` the number of replicates on the other side where two groups are compared that are not paired.

    Both ends are NaN when fewer than two replicates have a value. A NaN compares as false, so no
    rule that asks whether an interval excludes a value can hold on a single replicate.
    """

    mean: float
    low: float
    high: float
    n: int
    missing: int = 0
    confidence: float = 0.95
    note: str = ""
    freedom: float = math.nan
    against: int = 0

    def through(self, function: Callable[[float], float]) -> Interval:
        """Return the interval of an increasing function of the mean."""
        mean, low, high = function(self.mean), function(self.low), function(self.high)
        return dataclasses.replace(self, mean=mean, low=low, high=high)

    def __neg__(self) -> Interval:
        """Return the interval of the mean with its sign changed: of a difference, taken the other way round."""
        return dataclasses.replace(self, mean=-self.mean, low=-self.high, high=-self.low)

    def contains(self, value: float) -> bool:
        """Return whether `value` lies within the interval, its ends included."""
        return self.low <= value <= self.high

    def inside(self, low: float, high: float) -> bool:
        """Return whether the whole interval lies within `low` and `high`, these included."""
        return low <= self.low and self.high <= high


def interval(values: ArrayLike, confidence: float = 0.95, *, drop_nan: bool = False) -> Interval:
    """Return the mean of `values`, one for each replicate, with its two-sided Student-t interval.

    A NaN raises unless `drop_nan`, which leaves it out and counts it in `missing`.
    """
    kept, missing = known(values, confidence, drop_nan)
    mean, half = _mean_and_half_width(kept, confidence)
    return Interval(mean, mean - half, mean + half, kept.size, missing, confidence, freedom=kept.size - 1)


def known(values: ArrayLike, confidence: float, drop_nan: bool) -> tuple[np.ndarray, int]:
    """Return the values that are not NaN, and how many are; refuse what has no interval."""
    require(0 < confidence < 1, f"confidence was {confidence!r}; it lies between 0 and 1, such as 0.95.")
    given = np.asarray(values, dtype=float)
    require(given.ndim == 1, f"values has shape {given.shape}; give one number for each replicate.")
    kept = given[~np.isnan(given)]
    missing = given.size - kept.size
    require(
        drop_nan or not missing,
        f"{missing} of {given.size} values are NaN; give drop_nan=True to leave them out and have them counted.",
    )
    return kept, missing


def _mean_and_half_width(values: np.ndarray, confidence: float) -> tuple[float, float]:
    """Return the mean and half the interval's width, NaN where there are too few values for one."""
    if values.size < 2:
        return (float(values[0]) if values.size else math.nan), math.nan
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return float(values.mean()), quantile(confidence, values.size - 1) * error


@functools.cache
def quantile(confidence: float, freedom: float) -> float:
    """Return how many standard errors half an interval is; kept, since a curve asks for the same one at every step."""
    # `scipy.stats.t.ppf` computes the same, and to import that takes a second.
    return float(stdtrit(freedom, (1 + confidence) / 2))


def paired(a: ArrayLike, b: ArrayLike, confidence: float = 0.95, *, drop_nan: bool = False) -> Interval:
    """Return the mean of `a - b`, taken replicate by replicate, with its interval."""
    left, right = _same_replicates(a, b)
    return interval(left - right, confidence, drop_nan=drop_nan)


def ratio(a: ArrayLike, b: ArrayLike, confidence: float = 0.95, *, drop_nan: bool = False) -> Interval:
    """Return the geometric mean of `a / b`, taken replicate by replicate, with its interval.

    The interval is that of the logarithm, transformed back: so twice as fast and half as fast are equally far from 1.
    """
    left, right = _same_replicates(a, b)
    positive = not (np.any(left <= 0) or np.any(right <= 0))
    require(positive, f"a ratio needs numbers above zero; it was given {left.tolist()} over {right.tolist()}.")
    log = interval(np.log(left) - np.log(right), confidence, drop_nan=drop_nan)
    return log.through(math.exp)


def _same_replicates(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays of one number for each replicate, in the same order."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    require(
        left.ndim == 1 and left.shape == right.shape,
        f"a has shape {left.shape} and b {right.shape}; give one number for each replicate, the same ones in both.",
    )
    return left, right
