"""Where the weights at the start come from, if not from an initialisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Finished, Initial, MaskSpec, Run, WeightSpec
from lth_lib.models import Layer, between, glorot
from lth_lib.pruning.criteria import Solver
from lth_lib.replicates import Tree, check_salt
from lth_lib.spec import added, require


@dataclass(frozen=True)
class Final(WeightSpec):
    """The weights at another run's end (parameters and batch-norm statistics; the optimiser starts anew)."""

    run: Run

    def parents(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return its parameters and statistics."""
        return finished.weights(self.run)


@dataclass(frozen=True)
class Constant(WeightSpec):
    """Every weight of a layer has one value, the standard deviation of Glorot's initialisation (Zhou et al. 2019).

    Biases and batch normalisation begin as ever.
    """

    def parents(self) -> tuple[Run, ...]:
        """Return none."""
        return ()

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return the constant weights, and the initial rest."""
        params, statistics = Initial().make(run, finished)
        layers = {f"{layer.name}.weight": layer for layer in run.layers if layer.weighted}
        weights = {name: torch.full_like(params[name], glorot(layer)) for name, layer in layers.items()}
        return params | weights, statistics


@dataclass(frozen=True)
class Signed(WeightSpec):
    """Weights with the signs of one origin and the magnitudes of another (Zhou et al. 2019); the rest is the latter's.

    A weight that either has at zero is zero.
    """

    signs: WeightSpec
    magnitudes: WeightSpec

    def parents(self) -> tuple[Run, ...]:
        """Return the runs that either is made from."""
        return (*self.signs.parents(), *self.magnitudes.parents())

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return sign times magnitude."""
        signs, _ = self.signs.make(run, finished)
        params, statistics = self.magnitudes.make(run, finished)
        weights = {name: params[name].abs() * signs[name].to(params[name].device).sign() for name in run.kinds}
        return params | weights, statistics


@dataclass(frozen=True)
class FromScratch(WeightSpec):
    """An initialisation of the small network that masks of whole units leave (Liu et al. 2019), from the large one's.

    Glorot's scale is by the inputs and outputs that are left: of a layer that keeps few of many, it is larger.
    """

    anew: ClassVar[bool] = True
    salt: str = "scratch-1"

    def __post_init__(self) -> None:
        """Refuse a salt that names no stream."""
        super().__post_init__()
        check_salt("salt", self.salt)

    def parents(self) -> tuple[Run, ...]:
        """Return none."""
        return ()

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return weights drawn anew, as wide as in the small network, and the initial rest."""
        params, statistics = Initial(self.salt).make(run, finished)
        masks, shared = finished.masks(run.ticket.masks, run), between(run.layers)
        left = {name: _left([masks[f"{one.name}.weight"] for one in of.writers]) for name, of in shared.items()}
        wider = {f"{layer.name}.weight": _wider(layer, left) for layer in run.layers if layer.weighted}
        scaled = {
            name: params[name] * by.to(params[name]).view(-1, *[1] * (params[name].dim() - 1))
            for name, by in wider.items()
        }
        return params | scaled, statistics


def _left(masks: list[torch.Tensor]) -> torch.Tensor:
    """Return what share of the channels that some layers write is left in each replicate, [R]."""
    there = torch.stack([mask.flatten(2).any(2) for mask in masks]).any(0)
    return there.double().mean(1)


def _wider(layer: Layer, left: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return how many times as wide Glorot's weights of a layer are once it has fewer inputs and outputs, [R]."""
    outputs, inputs = layer.shape[:2]
    one = torch.ones(1, dtype=torch.float64)
    kept = inputs * left.get(layer.reads, one) + outputs * left.get(layer.writes, one)
    return ((inputs + outputs) / kept.clamp(min=1)).sqrt()


@dataclass(frozen=True)
class Solved(WeightSpec):
    """The weights that a pruner leaves behind: those that its criterion solves for, of the masks that it made.

    The rest is as at the pruned run's end. `Ticket(pruned, Solved(pruned))` is Optimal Brain Surgeon where the
    criterion is `OBS`; where several rounds were scored, all that went is made up for at once. Other `masks` may be
    made up for in the same way, such as the same ones shuffled: what is left then differs by the choice alone.
    """

    pruned: Pruned
    masks: MaskSpec | None = added(None)

    def __post_init__(self) -> None:
        """Refuse what was pruned by a criterion that leaves the weights as they are."""
        super().__post_init__()
        criterion = self.pruned.pruner.criterion
        require(
            isinstance(criterion, Solver),
            f"Solved was given masks pruned by {criterion}, which leaves the weights as they are; prune by a criterion "
            "that solves for them, such as OBS(), or take Final(run).",
        )

    def parents(self) -> tuple[Run, ...]:
        """Return the run that was pruned, and what other masks are made from."""
        return self.pruned.parents() + (self.masks.parents() if self.masks else ())

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return the solved weights, and the rest as it was."""
        criterion, subject = self.pruned.pruner.criterion, self.pruned.subject(finished)
        assert isinstance(criterion, Solver)
        _, statistics = finished.weights(self.pruned.run)
        return subject.params | criterion.solve(subject, finished.masks(self.masks or self.pruned, run)), statistics


def left_by(pruned: Pruned) -> Final | Solved:
    """Return the weights that a pruner leaves: as they were, unless its criterion makes up for what goes."""
    return Solved(pruned) if isinstance(pruned.pruner.criterion, Solver) else Final(pruned.run)
