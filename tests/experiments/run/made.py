"""A run's masks and weights as its ticket makes them, of parents that were never trained."""

from __future__ import annotations

import tiny
import torch
from tiny import SEEDS, setting

from lth_lib.experiments.run import MaskSpec, Run
from lth_lib.experiments.studies import imp
from lth_lib.masks import Masks
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.replicates import Tree, stream

GIVEN = setting()


class Trained:
    """What stands for finished runs: weights drawn by a stream of the run, masks always made."""

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        params, statistics = tiny.weights_of(run.setting, run.seeds)
        rng = stream(0, "trained", run.digest)
        return {
            k: v + torch.from_numpy(rng.standard_normal(v.shape, dtype="f4")) for k, v in params.items()
        }, statistics

    def diverged(self, run: Run) -> torch.Tensor:
        return torch.zeros(len(run.seeds), dtype=torch.bool)

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return spec.make(run, self)

    def end_masks(self, run: Run) -> Masks:
        return self.masks(run.ticket.masks, run)


class Thinned(Trained):
    """Finished runs of which each ended with these masks."""

    def __init__(self, held: Masks) -> None:
        self.held = held

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return self.held


def made(run: Run) -> tuple[Masks, Tree]:
    return run.ticket.masks.make(run, Trained()), run.ticket.weights.make(run, Trained())[0]


def chain(levels: int = 3, rewind: int = 0) -> list[Run]:
    return imp(GIVEN, Pruner(), Geometric(0.5, levels), rewind=rewind, seeds=SEEDS)
