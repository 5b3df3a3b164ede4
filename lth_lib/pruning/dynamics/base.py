"""When masks are replaced while training, and by what."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Subject
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
