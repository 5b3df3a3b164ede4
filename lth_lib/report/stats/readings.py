"""A training is read off after it has ended: how accurate, and how soon."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

READINGS = {
    "accuracy_at_end": "at the end",
    "accuracy_at_early_stop": "at early stopping",
    "accuracy_at_best": "at the best validation accuracy",
}
"""The three readings of test accuracy; the first leads.

At the end: the mean over the test evaluations in the last fifth of the run's own steps, its first step included, of
which there are at least `FEWEST_READ`. At early stopping: of the weights at the first minimum of validation loss, as in
the paper. At the best validation accuracy: of the weights at its first maximum; runs trained before those weights were
kept have the first maximum among the evaluations at which the test set was read too (`coarse_best`).
"""

FEWEST_READ = 5
"""A mean over fewer test evaluations is no reading."""


def known_readings(table: pd.DataFrame) -> list[str]:
    """Return the columns of `READINGS` that have a value; the first of them leads."""
    return [name for name in READINGS if table[name].notna().any()]


def sampling_error(accuracy: float, images: int) -> float:
    """Return the standard error of an accuracy that was measured on so many images, all of them drawn anew.

    Replicates that share a test set share its luck too, which no interval over replicates shows.
    """
    return math.sqrt(accuracy * (1 - accuracy) / images)


@dataclasses.dataclass(frozen=True)
class EarlyStop:
    """For each replicate: iterations from the run's start to the first minimum of validation loss.

    Where `censored`, the minimum lies in the last tenth of the run's own steps, and the iteration reads "at least";
    where `at_last`, it is the last evaluation there is.
    """

    iterations: np.ndarray
    censored: np.ndarray
    at_last: np.ndarray
    index: np.ndarray


def early_stopping(steps: np.ndarray, valid_loss: np.ndarray, start: int = 0) -> EarlyStop:
    """Return where validation loss [S,R], evaluated at the absolute `steps` [S], is first lowest.

    Evaluations that are NaN (after a loss that was not finite) do not count; without any, so are the iterations.
    """
    seen = ~np.isnan(valid_loss)
    index = np.where(seen, valid_loss, np.inf).argmin(axis=0)
    last = len(steps) - 1 - seen[::-1].argmax(axis=0)
    known = seen.any(axis=0)
    at_last = known & (index == last)
    late = steps[index] - start > 0.9 * (steps[-1] - start)
    return EarlyStop(np.where(known, steps[index] - start, np.nan), at_last | (known & late), at_last, index)


def reaching(steps: np.ndarray, valid_accuracy: np.ndarray, target: np.ndarray, start: int = 0) -> np.ndarray:
    """Return the iterations [R] until each replicate's validation accuracy is first at or above its target, or NaN."""
    there = valid_accuracy >= target
    return np.where(there.any(axis=0), steps[there.argmax(axis=0)] - start, np.nan)


def accuracies(metrics: Mapping[str, np.ndarray], start: int) -> dict[str, Any]:
    """Return the columns of the three `READINGS` [R], of training accuracy, and why a reading is empty or coarse."""
    end, reason = _at_end(metrics["step"], metrics["test_accuracy"], start)
    fine = "top_test_accuracy" in metrics
    return {
        "accuracy_at_end": end,
        "accuracy_at_early_stop": metrics["best_test_accuracy"],
        "train_accuracy_at_end": _while_ending(metrics["step"], metrics["train_accuracy"], start),
        "accuracy_at_best": metrics["top_test_accuracy"] if fine else _at_best(metrics),
        "coarse_best": not fine,
        "reason": reason,
    }


def _at_end(steps: np.ndarray, test_accuracy: np.ndarray, start: int) -> tuple[np.ndarray, list[str]]:
    """Return each replicate's mean [R] of accuracy [S,R] over the last fifth of its steps, and why it has none."""
    late = test_accuracy[5 * (steps - start) >= 4 * (steps[-1] - start)]
    read = late[~np.isnan(late).all(axis=1)]
    gone = np.isnan(test_accuracy[-1])  # the last evaluation always reads the test set
    if len(read) < FEWEST_READ:
        few = f"{len(read)} test evaluations in the last fifth of training; a mean needs {FEWEST_READ}"
        return np.full(gone.shape, np.nan, read.dtype), ["diverged" if lost else few for lost in gone]
    return np.where(gone, np.nan, read.mean(axis=0)), ["diverged" if lost else "" for lost in gone]


def _while_ending(steps: np.ndarray, train_accuracy: np.ndarray, start: int) -> np.ndarray:
    """Return each replicate's mean [R] of accuracy [S,R] over the segments that lie in the last fifth of its steps."""
    late = train_accuracy[5 * (steps - start) > 4 * (steps[-1] - start)]
    return late.mean(axis=0) if len(late) else train_accuracy[-1]  # of a run of no steps, which has none


def _at_best(metrics: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return test accuracy [R] at the first maximum of validation accuracy, where both were evaluated."""
    test, valid = metrics["test_accuracy"], metrics["valid_accuracy"]
    index = np.where(np.isnan(test) | np.isnan(valid), -np.inf, valid).argmax(axis=0)
    return np.take_along_axis(test, index[None], axis=0)[0]
