"""Gradual pruning: masks only shrink."""

from __future__ import annotations

from dataclasses import dataclass, field

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics.base import Dynamics
from lth_lib.pruning.pruner import Pruner
from lth_lib.spec import require


@dataclass(frozen=True)
class Gradual(Dynamics):
    """Gradual pruning: down to `density` at step `until`, along a cubic curve from step `first` (Zhu & Gupta 2017).

    It is the share that is left of the masks of the beginning, from which it is counted at each replacement, so that no
    rounding adds up; a layer whose rate the pruner's scope multiplies by a factor keeps more or less than that.
    """

    density: float = 0.1
    first: int = 0
    pruner: Pruner = field(default_factory=Pruner)

    def __post_init__(self) -> None:
        """Refuse densities that are none, and a beginning after the end."""
        super().__post_init__()
        require(0 < self.density < 1, f"density was {self.density!r}; it is kept weights over all, between 0 and 1.")
        require(0 <= self.first < self.until, f"first was {self.first!r}; it is a step before until, {self.until}.")

    def at(self, step: int) -> float:
        """Return the density after `step` steps (Zhu & Gupta 2017, equation 1)."""
        left = 1 - min(1.0, max(0.0, (step - self.first) / (self.until - self.first)))
        return self.density + (1 - self.density) * left**3

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` for what the pruner cannot do."""
        self.pruner.check(layers, 1 - self.density)

    def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
        """Return what the pruner leaves; what is gone already goes first."""
        rate = 1 - self.at(step)
        return self.pruner.prune_from(begun, subject, rate) if rate > 0 else subject.masks
