"""What no weight reads could be removed besides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Idle(NamedTuple):
    """The share of the inputs that no weight reads, of the units that none reads, and of the weights of these."""

    inputs: float
    units: float
    weights: float


def idle(first: ArrayLike, second: ArrayLike) -> Idle:
    """Return what is idle by the masks [R, out, in] of two layers, of which the second reads the first."""
    own, following = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    unread = ~following.any(1)  # [R, units]
    return Idle(float(1 - own.any(1).mean()), float(unread.mean()), float(own[unread].sum() / own.sum()))
