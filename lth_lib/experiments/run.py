"""A ticket is masks and weights; a run trains one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol

import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.replicates import Tree, check_salt, check_seeds
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

    def end_masks(self, run: Run) -> Masks:
        """Return the masks that a run ends with."""


@dataclass(frozen=True)
class MaskSpec(Spec, ABC):
    """Where masks come from."""

    @abstractmethod
    def parents(self) -> tuple[Run, ...]:
        """Return the runs it is made from."""

    @property
    @abstractmethod
    def level(self) -> int:
        """How many rounds of pruning made them."""

    @property
    @abstractmethod
    def sources(self) -> tuple[MaskSpec, ...]:
        """The mask specs that these are made from."""

    @property
    @abstractmethod
    def found(self) -> bool:
        """Whether they were found with weights, and so are stored with their result: weights are not kept for long."""

    @abstractmethod
    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the masks for the network and the seeds of `run`."""


@dataclass(frozen=True)
class WeightSpec(Spec, ABC):
    """Where the weights at the start come from; `anew`, if the masks only say how wide the new network is."""

    anew: ClassVar[bool] = False

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

    @property
    def level(self) -> int:
        """None."""
        return 0

    @property
    def sources(self) -> tuple[MaskSpec, ...]:
        """None."""
        return ()

    @property
    def found(self) -> bool:
        """They are made of nothing."""
        return False

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return masks of `True`."""
        params, _ = run.setting.initial(run.seeds)
        return mask_rules.ones({name: params[name] for name in run.kinds})


@dataclass(frozen=True)
class Initial(WeightSpec):
    """The initialisation of each seed; another `salt` gives another initialisation of the same seeds."""

    salt: str = ""

    def __post_init__(self) -> None:
        """Refuse a salt that names no stream."""
        super().__post_init__()
        check_salt("salt", self.salt)

    def parents(self) -> tuple[Run, ...]:
        """Return none."""
        return ()

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return the initial parameters and statistics."""
        return run.setting.initial(run.seeds, self.salt)


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
        check_salt("order", self.order)
        steps = self.setting.recipe.steps
        require(
            0 <= self.start <= self.stop <= steps,
            f"A run was to go from step {self.start} to {self.stop}; its recipe has steps 0 to {steps}.",
        )
        last = self.setting.recipe.dynamics.until if self.setting.recipe.dynamics else -1
        require(
            last < self.stop and not 0 < self.start <= last,
            f"A run was to go from step {self.start} to {self.stop}; its masks are replaced until step {last}, so it "
            "begins at 0 or after that, and ends after that.",
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
        """How many rounds of pruning made the masks that it ends with; a training that makes its own counts as one."""
        return self.ticket.masks.level + int(self.setting.recipe.remasks)

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

    def trainings(self) -> list[Run]:
        """Return what had to be trained to have this run, itself last: each iteration once.

        What is stopped at its first step trains nothing, and what only begins another of them is counted in that. How
        wide a network is that is drawn `anew` was set beforehand: nothing that found its masks has to be trained.
        """
        if self.ticket.weights.anew:
            return [self]
        made = [run for run in self.ancestors() if run.stop > run.start]
        begun = [run for run in made if run.until is not None]
        within = {run.digest for run in begun if any(run.begins(longer) for longer in made)}
        return [*(run for run in made if run.digest not in within), self]

    def begins(self, other: Run) -> bool:
        """Say whether this run is the beginning of another one: the same training, stopped earlier.

        The rate of the other may be another one later: only then do they part.
        """
        mine, theirs = ((run.ticket, run.start, run.order, run.seeds) for run in (self, other))
        if self.stop >= other.stop or mine != theirs:
            return False
        recipe, longer = self.setting.recipe, other.setting.recipe
        if replace(self.setting, recipe=replace(recipe, rate=longer.rate)) != other.setting:
            return False
        return all(recipe.rate.at(step) == longer.rate.at(step) for step in range(self.start, self.stop))

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each weight of its network, by the parameter's name."""
        return self.setting.kinds

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of its network, input first."""
        return self.setting.layers
