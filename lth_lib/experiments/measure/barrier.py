"""A barrier is what the error rises by on the straight line between two networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lth_lib.experiments.measure.base import Found, Measurement
from lth_lib.experiments.run import Finished, Run
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.spec import require
from lth_lib.training.evaluate import evaluate, recomputed_statistics

STATISTICS = ("interpolated", "recomputed")


@dataclass(frozen=True)
class Barrier(Measurement):
    """The largest test error on the straight line between two runs' ends, less the mean of the ends' errors.

    `barrier` [R], and `error` [R, points] from one end to the other, both as fractions (Frankle et al. 2020; there the
    two runs differ in `order`, and a network is stable where the barrier is below 0.02). Batch-norm statistics are
    "interpolated" as the weights are, or "recomputed" at each point from the training images.
    """

    one: Run
    other: Run
    points: int = 30
    statistics: str = "interpolated"

    def __post_init__(self) -> None:
        """Refuse ends between which no line lies, and a line without a middle."""
        super().__post_init__()
        require(self.points > 2, f"points was {self.points!r}; it is 3 or more, the two ends among them.")
        require(self.statistics in STATISTICS, f"statistics was {self.statistics!r}; it is one of {STATISTICS}.")
        for name, (one, other) in {
            "setting": (self.one.setting, self.other.setting),
            "masks": (self.one.ticket.masks, self.other.ticket.masks),
            "seeds": (self.one.seeds, self.other.seeds),
        }.items():
            require(
                one == other,
                f"A barrier was asked for between runs of other {name}; give two runs of the same setting, masks and "
                "seeds, such as two that differ in `order`.",
            )

        require(
            not self.one.setting.recipe.remasks,
            "A barrier was asked for between runs that make masks of their own; no line lies between two masks.",
        )

    def runs(self) -> tuple[Run, ...]:
        """Return the runs at the ends."""
        return (self.one, self.other)

    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Evaluate at each point of the line."""
        masks = finished.end_masks(self.one)
        ends = finished.weights(self.one), finished.weights(self.other)
        error = np.stack([self._error(weights, masks) for weights in self._line(*ends)], 1)
        return {"barrier": error.max(1) - error[:, [0, -1]].mean(1), "error": error}

    def finds(self) -> dict[str, Found]:
        """Return an error at each point, and a rise that is none where an end is the highest."""
        return {"barrier": Found((), 0, 1), "error": Found((self.points,), 0, 1)}

    def _line(self, one: tuple[Tree, Tree], other: tuple[Tree, Tree]) -> Iterator[tuple[Tree, Tree]]:
        """Yield parameters and statistics at each point."""
        last = self.points - 1
        for point in range(self.points):
            yield _between(one[0], other[0], point, last), _between(one[1], other[1], point, last)

    def _error(self, weights: tuple[Tree, Tree], masks: Masks) -> np.ndarray:
        """Return the test error of each replicate, [R]."""
        params, statistics = weights
        if self.statistics == "recomputed":
            statistics = recomputed_statistics(self.one.setting, weights, masks)
        _, accuracy = evaluate(self.one.setting, (params, statistics), masks)
        return 1 - accuracy


def _between(one: Tree, other: Tree, point: int, last: int) -> Tree:
    """Return what lies at a point of the line, reckoned from the nearer end, so that it is exact at both."""
    if 2 * point > last:
        one, other, point = other, one, last - point
    return {name: value + point / last * (other[name] - value) for name, value in one.items()}
