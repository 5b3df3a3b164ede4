"""A ticket is masks and weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import initial
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import check_rate
from lth_lib.replicates import Tree, check_seeds, stream
from lth_lib.spec import Spec, require
from lth_lib.training.recipe import Setting


class Finished(Protocol):
    """What a ticket asks of the runs it is made from."""

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        """Return the parameters and statistics at a run's end."""

    def diverged(self, run: Run) -> torch.Tensor:
        """Return which replicates of a run diverged, bool [R]."""

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        """Return the masks that `spec` gives the replicates of `run`, stored or made."""


@dataclass(frozen=True)
class MaskSpec(Spec, ABC):
    """Where masks come from."""

    @abstractmethod
    def parents(self) -> tuple[Run, ...]:
        """Return the runs it is made from."""

    @abstractmethod
    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the masks for the network and the seeds of `run`."""


@dataclass(frozen=True)
class WeightSpec(Spec, ABC):
    """Where the weights at the start come from."""

    @abstractmethod
    def parents(self) -> tuple[Run, ...]:
        """Return the runs it is made from."""

    @abstractmethod
    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return parameters and batch-norm statistics for the network and the seeds of `run`."""


@dataclass(frozen=True)
class Dense(MaskSpec):
    """Every weight is kept."""

    def parents(self) -> tuple[Run, ...]:
        """Return none."""
        return ()

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return masks of `True`."""
        data = run.setting.data
        params, _ = initial(run.setting.model, data.shape, data.classes, run.seeds)
        return mask_rules.ones({name: params[name] for name in _kinds(run)})


@dataclass(frozen=True)
class Pruned(MaskSpec):
    """The masks of a run, less `rate` of the survivors, by the weights at the run's end, `rounds` times."""

    run: Run
    pruner: Pruner
    rate: float
    rounds: int = 1

    def __post_init__(self) -> None:
        """Refuse an impossible rate."""
        super().__post_init__()
        check_rate(self.rate)
        require(self.rounds > 0, f"rounds was {self.rounds!r}; it is 1 or more.")
        self.pruner.scope.check(_kinds(self.run), self.rate)

    def parents(self) -> tuple[Run, ...]:
        """Return the run that is pruned."""
        return (self.run,)

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the pruned masks."""
        kinds = _kinds(self.run)
        params, _ = finished.weights(self.run)
        masks = finished.masks(self.run.ticket.masks, self.run)
        subject = Subject({name: params[name] for name in kinds}, masks, kinds, self.run.seeds)
        return self.pruner.prune(subject, self.rate, self.rounds)


@dataclass(frozen=True)
class Shuffled(MaskSpec):
    """Masks of the same layer densities whose kept weights are chosen by chance."""

    masks: Pruned
    salt: str = "shuffle-1"

    def parents(self) -> tuple[Run, ...]:
        """Return the runs the shuffled masks are made from."""
        return self.masks.parents()

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return each layer's mask permuted, by a stream of each seed and layer."""
        masks = finished.masks(self.masks, run)
        return {name: self._shuffle(name, mask, run.seeds) for name, mask in masks.items()}

    def _shuffle(self, name: str, mask: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        rows = []
        for row, seed in zip(mask.flatten(1), seeds, strict=True):
            order = stream(seed, "shuffle", self.salt, name).permutation(row.numel())
            rows.append(row[torch.from_numpy(order).to(row.device)])
        return torch.stack(rows).reshape(mask.shape)


@dataclass(frozen=True)
class Initial(WeightSpec):
    """The initialisation of each seed; another `salt` gives another initialisation of the same seeds."""

    salt: str = ""

    def parents(self) -> tuple[Run, ...]:
        """Return none."""
        return ()

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return the initial parameters and statistics."""
        data = run.setting.data
        return initial(run.setting.model, data.shape, data.classes, run.seeds, self.salt)


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
class Ticket(Spec):
    """What a training starts from: which weights are kept, and their values."""

    masks: MaskSpec = field(default_factory=Dense)
    weights: WeightSpec = field(default_factory=Initial)

    def parents(self) -> tuple[Run, ...]:
        """Return the distinct runs that must be finished first."""
        return tuple({run.digest: run for run in (*self.masks.parents(), *self.weights.parents())}.values())


@dataclass(frozen=True)
class Run(Spec):
    """One training of a ticket, all replicates together: the only unit that is trained, stored and resumed.

    It goes from step `start` to step `until` (None: the recipe's last); `order` salts the order of
    the batches and their augmentation.
    """

    setting: Setting
    ticket: Ticket = field(default_factory=Ticket)
    start: int = 0
    until: int | None = None
    order: str = ""
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)

    by_digest: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse steps that are not the recipe's, and parents of other seeds or another network."""
        check_seeds(self.seeds)
        super().__post_init__()
        steps = self.setting.recipe.steps
        require(
            0 <= self.start <= self.stop <= steps,
            f"A run was to go from step {self.start} to {self.stop}; its recipe has steps 0 to {steps}.",
        )
        if self.until == steps:
            object.__setattr__(self, "until", None)  # one training has one digest
        for parent in self.ticket.parents():
            require(
                parent.seeds == self.seeds,
                f"A run with seeds {self.seeds} is made from one with seeds {parent.seeds}; give both the same.",
            )
            require(
                parent.setting.model == self.setting.model,
                f"A ticket found in {parent.setting.model} cannot be trained in {self.setting.model}.",
            )
            theirs, ours = parent.setting.data, self.setting.data
            require(
                (theirs.shape, theirs.classes) == (ours.shape, ours.classes),
                f"A ticket found on {theirs} cannot be trained on {ours}: the images or classes differ.",
            )

    @property
    def stop(self) -> int:
        """The step at which the run ends."""
        return self.setting.recipe.steps if self.until is None else self.until

    @property
    def level(self) -> int:
        """How many rounds of pruning made its masks."""
        masks = self.ticket.masks
        masks = masks.masks if isinstance(masks, Shuffled) else masks
        return masks.run.level + masks.rounds if isinstance(masks, Pruned) else 0

    def ancestors(self) -> Iterator[Run]:
        """Yield every run that this one is made from, parents before children, each once."""
        seen: set[str] = set()
        stack = [(run, False) for run in reversed(self.ticket.parents())]
        while stack:
            run, expanded = stack.pop()
            if run.digest in seen:
                continue
            if expanded:
                seen.add(run.digest)
                yield run
            else:
                stack.append((run, True))
                stack.extend((parent, False) for parent in reversed(run.ticket.parents()))


def _kinds(run: Run) -> dict[str, str]:
    return run.setting.model.kinds(run.setting.data.shape, run.setting.data.classes)
