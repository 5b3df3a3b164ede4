"""The small network that is left is initialised as one of its size."""

from __future__ import annotations

from dataclasses import replace

import torch
from tiny import SEEDS, setting, weights_of

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Initial, MaskSpec, Run, Ticket
from lth_lib.experiments.weights import FromScratch
from lth_lib.masks import Masks
from lth_lib.models import glorot
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.replicates import Tree

DENSE = Run(setting(), seeds=SEEDS)
RUN = replace(DENSE, ticket=Ticket(Pruned(DENSE, Pruner(granularity=Unit()), 0.5), FromScratch()))


class Finished:
    """Masks that keep a first share of the units of both hidden layers."""

    def __init__(self, share: float) -> None:
        self.share = share

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        raise NotImplementedError

    def diverged(self, run: Run) -> torch.Tensor:
        raise NotImplementedError

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        params, _ = weights_of(run.setting, run.seeds)
        out = {name: torch.ones_like(params[name], dtype=torch.bool) for name in run.kinds}
        for name in ("fc1.weight", "fc2.weight"):
            out[name][:, int(out[name].shape[1] * self.share) :] = False
        return out

    def end_masks(self, run: Run) -> Masks:
        return self.masks(run.ticket.masks, run)


def test_weights_are_as_wide_as_those_of_the_small_network() -> None:
    params, _ = FromScratch().make(RUN, Finished(0.5))
    large, _ = Initial("scratch-1").make(RUN, Finished(0.5))
    shapes = {"fc1": (8, 64), "fc2": (4, 8), "out": (4, 4)}  # of LeNet-16-8 on 64 pixels, 4 classes, half of its units
    for layer in RUN.layers:
        name = f"{layer.name}.weight"
        ratio = params[name] / large[name]
        small = replace(layer, shape=shapes[layer.name])
        torch.testing.assert_close(ratio, torch.full_like(ratio, glorot(small) / glorot(layer)))


def test_of_a_whole_network_it_is_an_initialisation() -> None:
    params, _ = FromScratch().make(RUN, Finished(1))
    expected, _ = Initial("scratch-1").make(RUN, Finished(1))
    for name, value in expected.items():
        torch.testing.assert_close(params[name], value)


def test_only_how_wide_it_is_has_to_be_known() -> None:
    assert RUN.trainings() == [RUN], "the large network need not be trained"
    ticket = replace(RUN, ticket=replace(RUN.ticket, weights=Initial()))
    assert ticket.trainings() == [DENSE, ticket]
