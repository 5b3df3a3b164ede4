"""Where masks come from: a run that is pruned, or other masks."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.experiments.run import Finished, MaskSpec, Run
from lth_lib.masks import Masks
from lth_lib.pruning.criteria import OnBatch, Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import check_density, check_rate, towards
from lth_lib.replicates import stream
from lth_lib.spec import added, require, within
from lth_lib.training.probe import Probe, check_count


@dataclass(frozen=True)
class Pruned(MaskSpec):
    """The masks of a run, less `rate` of the survivors, by the weights at the run's end, `rounds` times.

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
            self.pruner.scope.check(self.run.kinds, rate)
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
        """Those of the run that is pruned."""
        return (self.run.ticket.masks,)

    @property
    def found(self) -> bool:
        """By the weights at the run's end."""
        return True

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the pruned masks."""
        subject = self._subject(finished)
        if self.density is not None:
            return self.pruner.prune_to(subject, self.density, self.rounds)
        assert self.rate is not None
        return self.pruner.prune(subject, self.rate, self.rounds)

    def _subject(self, finished: Finished) -> Subject:
        """Return the run's end, and a probe of it where it lies."""
        setting, kinds, seeds = self.run.setting, self.run.kinds, self.run.seeds
        params, statistics = finished.weights(self.run)
        weights = {name: params[name] for name in kinds}
        return Subject(
            weights,
            finished.masks(self.run.ticket.masks, self.run),
            kinds,
            seeds,
            params=params,
            layers=setting.model.layers(setting.data.shape, setting.data.classes),
            probe=Probe(setting, statistics, seeds, str(next(iter(weights.values())).device)),
        )


@dataclass(frozen=True)
class Kept(MaskSpec):
    """The masks that a run ends with: those it began with, since no training changes them yet."""

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
        """Those it began with."""
        return (self.run.ticket.masks,)

    @property
    def found(self) -> bool:
        """They are made from masks alone."""
        return False

    def make(self, run: Run, finished: Finished) -> Masks:
        """Return the run's masks."""
        return finished.masks(self.run.ticket.masks, self.run)


@dataclass(frozen=True)
class Shuffled(MaskSpec):
    """Masks of the same layer densities whose kept weights are chosen by chance."""

    masks: Pruned
    salt: str = "shuffle-1"

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
        """Return each layer's mask permuted, by a stream of each seed and layer."""
        masks = finished.masks(self.masks, run)
        return {name: self._shuffle(name, mask, run.seeds) for name, mask in masks.items()}

    def _shuffle(self, name: str, mask: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        rows = []
        for row, seed in zip(mask.flatten(1), seeds, strict=True):
            order = stream(seed, "shuffle", self.salt, name).permutation(row.numel())
            rows.append(row[torch.from_numpy(order).to(row.device)])
        return torch.stack(rows).reshape(mask.shape)
