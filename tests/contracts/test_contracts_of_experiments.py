"""What every measurement, and whatever gives a ticket its masks and weights, must be."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from subclassed import ORDER, every, permuted
from tiny import SEEDS, random_masks, same_tree, setting, weights_of

from lth_lib import masks as mask_rules
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import MaskSpec, Run, Ticket, WeightSpec
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.spec import Spec


class Trained:
    """Finished runs whose replicates are functions of their seeds, some of which diverged."""

    def __init__(self, *diverged: int) -> None:
        self.gone = diverged

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        params, statistics = weights_of(run.setting, run.seeds)
        for value in params.values():
            value[self.diverged(run)] = torch.nan
        return params, statistics

    def diverged(self, run: Run) -> torch.Tensor:
        return torch.tensor([seed in self.gone for seed in run.seeds])

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return random_masks(run.setting, 0.5, run.seeds)

    def end_masks(self, run: Run) -> Masks:
        return self.masks(run.ticket.masks, run)


def reseeded(value: Any, seeds: tuple[int, ...]) -> Any:
    """Return a spec in which every run has these seeds."""
    if isinstance(value, tuple):
        return tuple(reseeded(one, seeds) for one in value)
    if not isinstance(value, Spec):
        return value
    fields = {field.name: reseeded(getattr(value, field.name), seeds) for field in dataclasses.fields(value)}
    return replace(value, **(fields | {"seeds": seeds} if isinstance(value, Run) else fields))


@every(Measurement)
def test_an_answer_is_the_same_alone_beside_others_and_beside_one_that_diverged(value: Measurement) -> None:
    answer, beside = value.answer(Trained()), value.answer(Trained(SEEDS[1]))
    assert answer
    for row, seed in enumerate(SEEDS):
        alone = reseeded(value, (seed,)).answer(Trained())
        assert alone.keys() == answer.keys()
        for name, found in answer.items():
            assert len(found) == len(SEEDS)
            np.testing.assert_array_equal(alone[name][0], found[row])
            np.testing.assert_array_equal(
                beside[name][row], np.full_like(found[row], np.nan) if row == 1 else found[row]
            )


@every(MaskSpec)
def test_masks_are_made_for_each_replicate_and_say_what_they_are_made_from(value: MaskSpec) -> None:
    run = Run(setting(), Ticket(value), seeds=SEEDS)
    masks = value.make(run, Trained())
    mask_rules.check(masks, weights_of(setting())[0])
    assert masks.keys() == run.kinds.keys()
    seeds = tuple(SEEDS[row] for row in ORDER)
    moved = reseeded(value, seeds).make(reseeded(run, seeds), Trained())
    assert same_tree(moved, permuted(masks))
    assert value.level == run.level >= 0
    assert all(isinstance(one, MaskSpec) and one.level <= value.level for one in value.sources)
    assert set(value.parents()) <= set(run.ancestors())
    assert not value.found or value.parents(), "what is found is found in a run"


@every(WeightSpec)
def test_weights_are_made_for_each_replicate_and_what_they_are_made_from_is_left_alone(value: WeightSpec) -> None:
    run, finished = Run(setting(), Ticket(weights=value), seeds=SEEDS), Trained()
    params, statistics = value.make(run, finished)
    expected = weights_of(setting())
    for tree, other in zip((params, statistics), expected, strict=True):
        assert {n: (t.shape, t.dtype) for n, t in tree.items()} == {n: (t.shape, t.dtype) for n, t in other.items()}
    seeds = tuple(SEEDS[row] for row in ORDER)
    assert same_tree(reseeded(value, seeds).make(reseeded(run, seeds), finished)[0], permuted(params))
    assert set(value.parents()) <= set(run.ancestors())
