"""Finished trainings made by hand."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class FakeRun:
    seeds: tuple[int, ...] = (0, 1)
    start: int = 0
    digest: str = "a"
    made_from: tuple["FakeRun", ...] = ()
    stop: int = 1_000

    def ancestors(self) -> tuple["FakeRun", ...]:
        return self.made_from

    def trainings(self) -> tuple["FakeRun", ...]:
        return (*(run for run in self.made_from if run.stop > run.start), self)


@dataclass(frozen=True)
class FakeResult:
    metrics: dict[str, np.ndarray]
    run: FakeRun = FakeRun()
    layer_density: dict[str, np.ndarray] = field(default_factory=dict)
    empty_layers: tuple[tuple[int, str], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    learned: bool = False


def result(
    seeds: tuple[int, ...] = (0, 1),
    digest: str = "a",
    start: int = 0,
    loss: Any = ((3, 3), (1, 2), (2, 1)),
    accuracy: float = 0.9,
    layers: dict[str, np.ndarray] | None = None,
    **more: np.ndarray,
) -> FakeResult:
    """Return a finished training of two replicates: the first stops early at its second evaluation."""
    losses = np.array(loss, dtype=float)
    rows, count = losses.shape
    metrics = {
        "step": start + 100 * np.arange(rows),
        "valid_loss": losses,
        "valid_accuracy": 1 - losses / 10,
        "test_accuracy": np.where(np.arange(rows)[:, None] % 2, np.nan, 1 - losses / 10),
        "train_accuracy": np.full((rows, count), 0.95),
        "density": np.full((rows, count), 0.5),
        "best_test_accuracy": np.full(count, accuracy),
        "final_test_accuracy": np.full(count, accuracy - 0.01),
        "best_train_accuracy": np.full(count, accuracy + 0.02),
        "final_train_accuracy": np.full(count, 1.0),
        "diverged_at": np.full(count, -1),
    }
    return FakeResult(metrics | more, FakeRun(seeds, start, digest), layers or {})
