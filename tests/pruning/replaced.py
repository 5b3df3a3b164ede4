"""Trainings whose masks are replaced while they go on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import tiny

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics import SET, Dynamics, Gradual, RigL
from lth_lib.training.train import Trainer

GRADUAL = Gradual(every=4, until=24, density=0.2)  # 4 does not divide a segment of 10: some come within it


REGROWING = [SET(every=4, until=24), RigL(every=4, until=24, batch=20)]


EACH = pytest.mark.parametrize("dynamics", [GRADUAL, *REGROWING], ids=lambda one: type(one).__name__)


@dataclass(frozen=True)
class Swap(Dynamics):
    """Every weight that was masked grows, and the others go: what must start anew, and from zero."""

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Anything can be swapped."""

    def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
        return {name: ~mask for name, mask in subject.masks.items()}


def training(dynamics: Dynamics = GRADUAL, masks: Masks | None = None) -> Trainer:
    return tiny.trainer(tiny.setting(dynamics=dynamics), masks)


def sparse() -> Masks:
    return tiny.random_masks(tiny.setting(), 0.5)
