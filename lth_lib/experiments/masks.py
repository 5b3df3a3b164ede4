"""Where masks come from: a run that is pruned, or other masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from lth_lib.experiments.run import Finished, MaskSpec, Run
from lth_lib.masks import Masks
from lth_lib.pruning.criteria import OnBatch, Subject
from lth_lib.pruning.forward import Masked
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import check_density, check_rate, towards
from lth_lib.replicates import check_salt, stream
from lth_lib.spec import added, require, within
from lth_lib.training.probe import Probe, check_count


@dataclass(frozen=True)
class Pruned(MaskSpec):
    """The masks that a run ends with, less `rate` of the survivors, by the weights at its end, `rounds` times.

    In place of a rate a `density` may be given, which the rounds meet together, falling geometrically: what competes
    is left as if from a dense network the rate 1 - density had gone at once. With `Global()` it is the density of the
    network, with `Layerwise()` of each layer too; a scope's factor multiplies that rate, and what `only` leaves out
    stays whole.
    """

    run: Run
    pruner: Pruner
    rate: float | None = None
    rounds: int = 1
    density: float | None = added(None)

    def __post_init__(self) -> None:
        """Refuse an impossible rate or density, and a batch of examples that are not there."""
        super().__post_init__()
        require(
            (self.rate is None) != (self.density is None),
            f"rate was {self.rate!r} and density {self.density!r}; give one: the fraction of survivors that go in each "
            "round, or what is left of the network.",
        )
        require(self.rounds > 0, f"rounds was {self.rounds!r}; it is 1 or more.")
        for rate in self._rates():
            self.pruner.check(self.run.layers, rate)
        self.check_examples(self.run.setting.data.trained)

    def _rates(self) -> list[float]:
        """Return the rates that the scope meets; raises `SpecError` for one that is none."""
        if self.density is not None:
            check_density(self.density)
            return towards(self.density, self.rounds)
        assert self.rate is not None
        check_rate(self.rate)
        return [self.rate]

    @property
    def asks(self) -> int:
        """How many examples its criterion asks for."""
        return max((one.batch for one in within(self.pruner, OnBatch)), default=0)  # type: ignore[type-abstract]

    def check_examples(self, trained: int | None) -> None:
        """Raise `SpecError` if its criterion asks for more examples than train, where that is known."""
        if trained is not None:
            check_count(self.asks, trained, self.run.setting)

    def parents(self) -> tuple[Run, ...]:
        """Return the run that is pruned."""
        return (self.run,)

    @property
    def level(self) -> int:
        """One more than the run's for each round, or for a density."""
        return self.run.level + (self.rounds if self.density is None else 1)

    @property
    def sources(self) -> tuple[MaskSpec, ...]:
        """Those of the run that is pruned, unless it makes its own."""
        return () if self.run.setting.recipe.remasks else (self.run.ticket.masks,)

    @property
    def found(self) -> bool:
        """By the weights at the run's end."""
        return True

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the pruned masks."""
        subject = self.subject(finished)
        if self.density is not None:
            return self.pruner.prune_to(subject, self.density, self.rounds)
        assert self.rate is not None
        return self.pruner.prune(subject, self.rate, self.rounds)

    def subject(self, finished: Finished) -> Subject:
        """Return what is pruned: the run's end, and a probe of it where it lies."""
        run, masks = self.run, finished.end_masks(self.run)
        params, statistics = finished.weights(run)
        weights = {name: params[name] for name in run.kinds}
        # What a forward has left is a network with masks, which is asked as such.
        setting = replace(run.setting, recipe=replace(run.setting.recipe, forward=Masked()))
        asked = setting if run.setting.recipe.forward.remasks else run.setting
        probe = Probe(asked, statistics, run.seeds, str(next(iter(weights.values())).device))
        return Subject(weights, masks, run.layers, run.seeds, params=params, probe=probe)


@dataclass(frozen=True)
class Kept(MaskSpec):
    """The masks that a run ends with: its own, where a dynamics or a forward made them."""

    run: Run

    def parents(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    @property
    def level(self) -> int:
        """The run's."""
        return self.run.level

    @property
    def sources(self) -> tuple[MaskSpec, ...]:
        """Those it began with, unless it makes its own."""
        return () if self.run.setting.recipe.remasks else (self.run.ticket.masks,)

    @property
    def found(self) -> bool:
        """The run's own result holds them."""
        return False

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the run's masks."""
        return finished.end_masks(self.run)


@dataclass(frozen=True)
class Shuffled(MaskSpec):
    """Masks of the same layer densities whose kept groups are chosen by chance.

    What the pruner keeps or removes as a whole moves as a whole, and only among what competes within a layer: of units
    whole units are kept, of each four neighbours as many as before. What is in no group stays.
    """

    masks: Pruned
    salt: str = "shuffle-1"

    def __post_init__(self) -> None:
        """Refuse a salt that names no stream."""
        super().__post_init__()
        check_salt("salt", self.salt)

    def parents(self) -> tuple[Run, ...]:
        """Return the runs the shuffled masks are made from."""
        return self.masks.parents()

    @property
    def level(self) -> int:
        """That of the masks that are shuffled."""
        return self.masks.level

    @property
    def sources(self) -> tuple[MaskSpec, ...]:
        """The masks that are shuffled."""
        return (self.masks,)

    @property
    def found(self) -> bool:
        """They are made from masks alone."""
        return False

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the groups of each layer permuted, by a stream of each seed and layer."""
        masks, pruner = finished.masks(self.masks, run), self.masks.pruner
        sets = pruner.granularity.sets(run.layers)
        out = dict(masks)
        for name, entries in pruner.granularity.groups(run.layers).items():
            parts = pruner.scope.parts(sets[name].shape).flatten()
            orders = [self._order(name, parts, seed) for seed in run.seeds]
            out |= {one: _moved(masks[one], ids, orders) for one, ids in entries.items() if one in masks}
        return out

    def _order(self, name: str, parts: torch.Tensor, seed: int) -> torch.Tensor:
        """Return of each group of a set the group whose place it takes, one of its own part."""
        order = torch.from_numpy(stream(seed, "shuffle", self.salt, name).permutation(len(parts)))
        out = torch.empty_like(order)
        out[parts.argsort(stable=True)] = order[parts[order].argsort(stable=True)]
        return out


def _moved(mask: torch.Tensor, ids: torch.Tensor, orders: list[torch.Tensor]) -> torch.Tensor:
    """Return a mask [R, *shape] in which each group looks as the one that each replicate's order names did."""
    entries = ids.flatten().argsort(stable=True).view(len(orders[0]), -1)
    out = torch.empty_like(mask).flatten(1)
    for row, order in enumerate(orders):
        out[row, entries.flatten()] = mask[row].flatten()[entries[order].flatten()]
    return out.view(mask.shape)
