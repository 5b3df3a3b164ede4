"""Where masks come from: a run that is pruned, or other masks."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.experiments.run import Finished, MaskSpec, Run
from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import check_rate
from lth_lib.replicates import check_salt, stream
from lth_lib.spec import require


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
        self.pruner.scope.check(self.run.kinds, self.rate)

    def parents(self) -> tuple[Run, ...]:
        """Return the run that is pruned."""
        return (self.run,)

    @property
    def level(self) -> int:
        """One more than the run's for each round."""
        return self.run.level + self.rounds

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
        kinds = self.run.kinds
        params, _ = finished.weights(self.run)
        masks = finished.masks(self.run.ticket.masks, self.run)
        subject = Subject({name: params[name] for name in kinds}, masks, kinds, self.run.seeds)
        return self.pruner.prune(subject, self.rate, self.rounds)


@dataclass(frozen=True)
class Shuffled(MaskSpec):
    """Masks of the same layer densities whose kept weights are chosen by chance."""

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
        """Return each layer's mask permuted, by a stream of each seed and layer."""
        masks = finished.masks(self.masks, run)
        return {name: self._shuffle(name, mask, run.seeds) for name, mask in masks.items()}

    def _shuffle(self, name: str, mask: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        rows = []
        for row, seed in zip(mask.flatten(1), seeds, strict=True):
            order = stream(seed, "shuffle", self.salt, name).permutation(row.numel())
            rows.append(row[torch.from_numpy(order).to(row.device)])
        return torch.stack(rows).reshape(mask.shape)
