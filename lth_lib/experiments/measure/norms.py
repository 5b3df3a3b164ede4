"""How large the scales of a network's batch norms are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from lth_lib.experiments.measure.base import Found, Measurement
from lth_lib.experiments.run import Finished, Run
from lth_lib.spec import require


@dataclass(frozen=True)
class NormScales(Measurement):
    """The size of each batch-norm scale at a run's end, the smallest first: `scale` [R, channels of all layers]."""

    run: Run

    def __post_init__(self) -> None:
        """Refuse a network without batch norm."""
        super().__post_init__()
        require(
            any(layer.norm for layer in self.run.layers),
            f"NormScales asks for those of batch norm, which {self.run.setting.model} has not; ask a run of a network "
            "that has, such as LeNet(norm=True).",
        )

    def runs(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Sort the sizes of all scales."""
        params, _ = finished.weights(self.run)
        sizes = torch.cat([params[f"{layer.name}.scale"].abs() for layer in self.run.layers if layer.norm], 1)
        return {"scale": sizes.sort(1).values.cpu().numpy()}

    def finds(self) -> dict[str, Found]:
        """Return a size for each channel."""
        channels = sum(layer.shape[0] for layer in self.run.layers if layer.norm)
        return {"scale": Found((channels,), 0, math.inf)}
