"""What of a network is connected: on some path of kept weights from its inputs to its outputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lth_lib.experiments.measure.base import Found, Measurement
from lth_lib.experiments.run import Finished, Run
from lth_lib.masks import Masks
from lth_lib.models import Layer, between
from lth_lib.pruning.paths import check_linked, paths
from lth_lib.pruning.removal import weights_left


@dataclass(frozen=True)
class Connected(Measurement):
    """What of a run's end is on paths of kept weights from the inputs to the outputs, [R] each.

    `effective_density` is the weights on a path over all weights, and `dead_inputs`, `dead_units` count what is on none
    (Vysogorets & Kempe 2023); `weights_left` has the network without the channels that `removal.shrink` removes.
    """

    run: Run

    def __post_init__(self) -> None:
        """Refuse a network whose layers do not say what they read."""
        super().__post_init__()
        check_linked(self.run.layers)

    def runs(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def take(self, finished: Finished) -> dict[str, np.ndarray]:
        """Follow the masks at its end."""
        found = connected(self.run.layers, finished.end_masks(self.run))
        return {name: found[name] for name in self.finds()}

    def finds(self) -> dict[str, Found]:
        """Return a share, and counts up to all that there is."""
        layers = self.run.layers
        units = sum(one.width for one in between(layers).values())
        most = {"effective_density": 1, "dead_inputs": layers[0].shape[1], "dead_units": units}
        most["weights_left"] = sum(math.prod(layer.shape) for layer in layers)
        return {name: Found((), 0, each) for name, each in most.items()}


def connected(layers: tuple[Layer, ...], masks: Masks) -> dict[str, np.ndarray]:
    """Return what masks [R, *shape] connect, by the names that `Connected` finds, and what each layer has left."""
    found = paths(layers, masks)
    left = weights_left(layers, masks)
    dead = [(~units).sum(1) for units in found.units.values()]
    return {
        "effective_density": found.density,
        "dead_inputs": (~found.inputs).sum(1).cpu().numpy(),
        "dead_units": np.sum([count.cpu().numpy() for count in dead], axis=0, initial=0),
        "weights_left": np.sum([*left.values()], axis=0),
        **left,
    }
