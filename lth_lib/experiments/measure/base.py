"""A measurement is a question to finished runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import torch

from lth_lib.experiments.run import Finished, Run
from lth_lib.spec import Spec


@dataclass(frozen=True)
class Found:
    """An array of an answer: its shape behind R, and the least and the most that a number in it may be."""

    shape: tuple[int, ...]
    least: float
    most: float


@dataclass(frozen=True)
class Measurement(Spec, ABC):
    """A question to finished runs, which it names; its answer is arrays [R, ...], stored by the same rule as a run.

    A row of the answer depends on its own replicate only.
    """

    @abstractmethod
    def runs(self) -> tuple[Run, ...]:
        """Return the runs that are asked."""

    @abstractmethod
    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Return what is found: named arrays whose first axis is R."""

    @abstractmethod
    def finds(self) -> dict[str, Found]:
        """Return what `take` finds, by name, as the runs' settings and its own fields tell; not their tickets."""

    def answer(self, finished: Finished) -> dict[str, np.ndarray]:
        """Return what is found as floats, so that a replicate that diverged in a run that is asked can be NaN."""
        gone = torch.stack([finished.diverged(run) for run in self.runs()]).any(0).cpu().numpy()
        out = {}
        for name, found in self.take(finished).items():
            out[name] = found.astype(np.result_type(found, np.float32))
            out[name][gone] = np.nan
        return out
