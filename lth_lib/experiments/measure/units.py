"""What single units of the first layer see: their weights, before training and after."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from lth_lib.experiments.measure.base import Found, Measurement
from lth_lib.experiments.measure.kept import check_inputs
from lth_lib.experiments.run import Finished, Run
from lth_lib.spec import require


@dataclass(frozen=True)
class UnitWeights(Measurement):
    """The weights of some units of the first, fully connected layer, zero where they are pruned.

    Units are in the order of how many weights they keep, the lower number first where that is the same: the first
    `count` of that order, then as many from its middle. Found are the number of each, `unit`, how many weights it
    has, `kept`, both [R, units], and those that it began and ended with, `initial` and `trained` [R, units, *image].
    """

    run: Run
    count: int = 4

    def __post_init__(self) -> None:
        """Refuse a network that does not begin with a fully connected layer, and more units than a third of it."""
        super().__post_init__()
        check_inputs(type(self).__name__, self.run)
        units = self.run.layers[0].shape[0]
        fits = 0 < self.count <= units // 3
        require(
            fits, f"count was {self.count!r}; of {units} units it is 1 to {units // 3}, so that none is shown twice."
        )

    def runs(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Choose the units by the run's masks, and take their weights at its two ends."""
        name = f"{self.run.layers[0].name}.weight"
        mask = finished.end_masks(self.run)[name]
        kept = mask.sum(2)  # [R, units]
        order = kept.argsort(dim=1, descending=True, stable=True)
        middle = (order.shape[1] - self.count) // 2
        unit = torch.cat([order[:, : self.count], order[:, middle : middle + self.count]], 1)
        ends = {"initial": self.run.ticket.weights.make(self.run, finished), "trained": finished.weights(self.run)}
        seen = {end: self._of(unit, params[name] * mask) for end, (params, _) in ends.items()}
        counts = kept.gather(1, unit)
        return {"unit": unit.cpu().numpy().astype(np.int32), "kept": counts.cpu().numpy().astype(np.int32), **seen}

    def finds(self) -> dict[str, Found]:
        """Return two numbers of each unit, and two pictures."""
        units, inputs = self.run.layers[0].shape
        pictures = Found((2 * self.count, *self.run.setting.data.shape), -math.inf, math.inf)
        numbers = {"unit": Found((2 * self.count,), 0, units - 1), "kept": Found((2 * self.count,), 0, inputs)}
        return {**numbers, "initial": pictures, "trained": pictures}

    def _of(self, unit: torch.Tensor, weights: torch.Tensor) -> np.ndarray:
        """Return weights [R, units, inputs] of some units [R, chosen] as pictures [R, chosen, *image]."""
        chosen = weights.gather(1, unit[..., None].expand(-1, -1, weights.shape[2]))
        return chosen.reshape(*unit.shape, *self.run.setting.data.shape).cpu().numpy()
