"""A dynamics replaces masks while training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.spec import Spec, require


@dataclass(frozen=True)
class Dynamics(Spec, ABC):
    """Replaces masks after every `every` steps, until step `until`; from there on they stay as they are."""

    every: int
    until: int

    def __post_init__(self) -> None:
        """Refuse what is no schedule."""
        super().__post_init__()
        require(self.every > 0, f"every was {self.every!r}; it is a number of steps, 1 or more.")
        fits = self.until >= self.every and self.until % self.every == 0
        require(fits, f"until was {self.until!r}; it is a multiple of every, {self.every}, and the last replacement.")

    def due(self, step: int) -> bool:
        """Say whether masks are replaced before the step that follows `step` finished ones."""
        return 0 < step <= self.until and step % self.every == 0

    def next(self, step: int) -> int:
        """Return the step of the next replacement after `step` finished ones; past `until` there is none."""
        return (step // self.every + 1) * self.every

    @abstractmethod
    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` unless the masks of a network of such layers can be replaced so."""

    @abstractmethod
    def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
        """Return the new masks [R, *shape], given those that training began with; what they let grow begins at zero."""


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
