"""What a ticket keeps: connections of the inputs, and which initial values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lth_lib.experiments.measure.base import Found, Measurement
from lth_lib.experiments.run import Finished, Run
from lth_lib.masks import of_weights
from lth_lib.spec import require


def check_inputs(asker: str, run: Run) -> None:
    """Raise `SpecError` unless a run's network begins with a layer that is fully connected to its inputs."""
    first, shape = run.layers[0], run.setting.data.shape
    # An embedding has a row for each token that there may be: none of its weights belongs to a place of the input.
    require(
        first.kind != "embed" and first.shape[1:] == (math.prod(shape),),
        f"{asker} asks a network whose first layer is fully connected to inputs of shape {shape}; "
        f"{run.setting.model} begins with {first.name}, of kind {first.kind} and shape {first.shape}.",
    )


@dataclass(frozen=True)
class InputConnections(Measurement):
    """How many weights of the first, fully connected layer each input value keeps: `connections` [R, *image]."""

    run: Run

    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        """Refuse a network that does not begin with a fully connected layer."""
        super().__post_init__()
        check_inputs(type(self).__name__, self.run)

    def runs(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Count along the units of the first layer."""
        masks = finished.end_masks(self.run)
        first = masks[f"{self.run.layers[0].name}.weight"]  # [R, units, inputs]
        counts = first.sum(1).reshape(-1, *self.run.setting.data.shape)
        return {"connections": counts.cpu().numpy().astype(np.int32)}

    def finds(self) -> dict[str, Found]:
        """Return as many as there are units, at most, of each input value."""
        return {"connections": Found(self.run.setting.data.shape, 0, self.run.layers[0].shape[0])}


@dataclass(frozen=True)
class InitialValues(Measurement):
    """Which initial values survive: for each layer a histogram [R, bins] of the kept weights' initial values.

    Values are in standard deviations of the replicate's own layer, in `bins` equal bins from -4 to 4; the few
    beyond are left out (Frankle & Carbin 2019, appendix on the initialisations of winning tickets).
    """

    run: Run
    bins: int = 32

    version: ClassVar[int] = 2
    limit: ClassVar[float] = 4.0

    def __post_init__(self) -> None:
        """Refuse a histogram of nothing."""
        super().__post_init__()
        require(self.bins > 0, f"bins was {self.bins!r}; it is 1 or more.")

    def runs(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Count the values that the run's own weights had at its start, where its masks keep them."""
        masks = of_weights(finished.end_masks(self.run))
        values, _ = self.run.ticket.weights.make(self.run, finished)
        return {name.removesuffix(".weight"): self._counts(values[name], mask) for name, mask in masks.items()}

    def finds(self) -> dict[str, Found]:
        """Return for each layer counts of its weights."""
        layers = [layer for layer in self.run.layers if layer.weighted]
        return {layer.name: Found((self.bins,), 0, math.prod(layer.shape)) for layer in layers}

    def _counts(self, values: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
        span = (-self.limit, self.limit)
        rows = [
            np.histogram((own / own.std()).cpu()[keep.cpu()].numpy(), self.bins, span)[0]
            for own, keep in zip(values, mask, strict=True)
        ]
        return np.stack(rows).astype(np.int32)
