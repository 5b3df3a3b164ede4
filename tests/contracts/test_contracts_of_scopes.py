"""What every scope and schedule must be."""

from __future__ import annotations

import pytest
import torch
from subclassed import copy, every, permuted, subject
from tiny import kinds_of, random_masks, same_tree, setting

from lth_lib.masks import Masks
from lth_lib.pruning.schedule import Schedule
from lth_lib.pruning.scope import Scope
from lth_lib.replicates import Tree


def chosen(value: Scope, scores: Tree, masks: Masks, rate: float = 0.5) -> Masks:
    return value.keep(scores, masks, kinds_of(setting()), rate)


@every(Scope)
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_a_scope_removes_and_never_revives(value: Scope, rate: float) -> None:
    given = subject(random_masks(setting(), 0.3))
    scores = {name: weight.abs() for name, weight in given.weights.items()}
    before = copy(scores), copy(given.masks)
    kept = chosen(value, scores, given.masks, rate)
    assert kept.keys() == given.masks.keys()
    for name, mask in kept.items():
        assert mask.dtype == torch.bool
        assert mask.shape == given.masks[name].shape
        assert (given.masks[name] | ~mask).all()
    left, had = (sum(int(mask[0].sum()) for mask in masks.values()) for masks in (kept, given.masks))
    assert had * (1 - 1.5 * rate) - 1 <= left < had
    assert same_tree(kept, chosen(value, scores, given.masks, rate)), "choosing again gives the same"
    assert same_tree(scores, before[0])
    assert same_tree(given.masks, before[1])


@every(Scope)
def test_a_scope_chooses_for_each_replicate(value: Scope) -> None:
    given = subject()
    scores = {name: weight.abs() for name, weight in given.weights.items()}
    kept = chosen(value, scores, given.masks)
    assert same_tree(chosen(value, permuted(scores), permuted(given.masks)), permuted(kept))


@every(Scope)
def test_a_scope_keeps_what_scores_highest_of_each_part(value: Scope) -> None:
    given = subject()
    scores = {name: weight.abs() for name, weight in given.weights.items()}
    for name, mask in chosen(value, scores, given.masks).items():
        parts = value.parts(tuple(mask.shape[1:]))
        assert parts.shape == mask.shape[1:]
        for row, score in enumerate(scores[name]):
            worst = torch.full((int(parts.max()) + 1,), torch.inf).scatter_reduce_(
                0, parts[mask[row]], score[mask[row]], "amin"
            )
            assert (score[~mask[row]] <= worst[parts[~mask[row]]]).all()


@every(Schedule)
def test_a_schedule_is_possible_levels(value: Schedule) -> None:
    assert value.levels() == value.levels()
    assert len(value.levels()) > 0
    for rate, rounds in value.levels():
        assert 0 < rate < 1
        assert isinstance(rounds, int)
        assert rounds > 0
