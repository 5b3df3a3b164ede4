"""What is pruned, what may be asked of it, and what scores it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, refuse


class Probe(Protocol):
    """What the network that is pruned may be asked, in evaluation mode; nothing of it changes.

    Masks are given as 0 and 1 in the weights' own type, so that a derivative may be taken by them.
    """

    def examples(self, count: int, *purpose: int | str) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw distinct training examples for each replicate: inputs [R, B, ...] and targets [R, B, ...]."""

    def loss(
        self, params: Tree, masks: Tree, x: torch.Tensor, y: torch.Tensor, temperature: float = 1.0
    ) -> torch.Tensor:
        """Return each replicate's mean loss, [R], of its outputs over a temperature."""

    def output(self, params: Tree, masks: Tree, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs [R, B, ...] of inputs [R, B, ...]."""

    def reads(self, params: Tree, masks: Tree, x: torch.Tensor) -> Tree:
        """Return what each layer reads, [R, B, ...], by the name of its weight."""

    def moments(self, params: Tree, masks: Tree, x: torch.Tensor) -> Tree:
        """Return the mean of v v', [R, inputs, inputs], over all v that an output of a layer is a product with."""

    def squares(
        self, params: Tree, masks: Tree, x: torch.Tensor, along: Callable[[torch.Tensor], torch.Tensor]
    ) -> Tree:
        """Return by each weight the sum of squares of each example's own derivative, in float64.

        It is of the outputs [B, ...] of one replicate, along each of the directions [K, B, ...] made of them.
        """


@dataclass(frozen=True)
class Subject:
    """What is pruned: the weights [R, *shape] and their masks, the layers, the seeds, the round.

    Beside them are all parameters of the network, and a probe that asks it about examples.
    """

    weights: Tree
    masks: Masks
    layers: tuple[Layer, ...]
    seeds: tuple[int, ...]
    round: int = 0
    params: Tree = field(default_factory=dict)
    probe: Probe | None = None

    @property
    def factors(self) -> Tree:
        """The masks as 0 and 1."""
        masked = self.params | self.weights
        return {name: mask.to(masked[name].dtype) for name, mask in self.masks.items()}

    @property
    def asked(self) -> Probe:
        """The probe; raises `SpecError` where there is none."""
        return self.probe or refuse(
            "A criterion asks the network about examples, and this subject is weights alone; give it a probe, as "
            "Pruned does."
        )


@dataclass(frozen=True)
class Criterion(Spec, ABC):
    """Scores the weights of a subject; among the survivors the highest scores are kept."""

    @abstractmethod
    def score(self, subject: Subject) -> Tree:
        """Return a score [R, *shape] for each weight of the subject."""
