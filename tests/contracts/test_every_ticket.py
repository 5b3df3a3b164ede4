"""What every mask spec, weight spec and measurement must be, new ones included."""

from __future__ import annotations

import numpy as np
from examples import every
from rows import ORDER, Trained, permuted, with_runs
from tiny import SEEDS, same_tree, setting, weights_of

from lth_lib import masks as mask_rules
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import MaskSpec, Run, Ticket, WeightSpec


@every(Measurement)
def test_an_answer_is_the_same_alone_beside_others_and_beside_one_that_diverged(value: Measurement) -> None:
    answer, beside = value.answer(Trained()), value.answer(Trained(SEEDS[1]))
    assert answer
    for row, seed in enumerate(SEEDS):
        alone = with_runs(value, seeds=(seed,)).answer(Trained())
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
    moved = with_runs(value, seeds=seeds).make(with_runs(run, seeds=seeds), Trained())
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
    assert same_tree(with_runs(value, seeds=seeds).make(with_runs(run, seeds=seeds), finished)[0], permuted(params))
    assert set(value.parents()) <= set(run.ancestors())


@every(Measurement)
def test_an_answer_is_what_the_measurement_says_that_it_finds(value: Measurement) -> None:
    answer, finds = value.answer(Trained()), value.finds()
    assert answer.keys() == finds.keys()
    for name, found in answer.items():
        assert found.shape == (len(SEEDS), *finds[name].shape)
        assert finds[name].least <= found.min() <= found.max() <= finds[name].most
    assert with_runs(value, ticket=Ticket()).finds() == finds, "whatever the tickets are"
