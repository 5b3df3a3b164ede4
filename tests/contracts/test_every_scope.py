"""What every scope must be, alone and with each granularity, new ones included."""

from __future__ import annotations

import pytest
import torch
from examples import every, examples
from rows import copy, permuted, rows_of, subject
from tiny import SEEDS, kinds_of, layers_of, random_masks, same_tree, setting

from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.granularity import Granularity, pool
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Neighbours, Scope
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError


def possible(granularity: Granularity, scope: Scope) -> bool:
    try:
        Pruner(granularity=granularity, scope=scope).check(layers_of(setting()), 0.5)
    except SpecError:
        return False
    return True


PAIRS = [(g, s) for g in examples(Granularity) for s in examples(Scope) if possible(g, s)]


@pytest.mark.parametrize(("granularity", "scope"), PAIRS, ids=str)
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_what_goes_goes_as_a_whole_and_is_never_more_than_its_rate(
    granularity: Granularity, scope: Scope, rate: float
) -> None:
    before = subject(Pruner(Random("once"), granularity).prune(subject(), 0.3))
    masks = Pruner(Random(), granularity, scope).prune(before, rate)
    groups = granularity.groups(before.layers)
    sizes, left = (pool({n: tree[n] for n in before.weights}, groups) for tree in (before.masks, masks))
    whole = pool(masks, groups)
    every_entry = pool({name: torch.ones_like(mask) for name, mask in masks.items()}, groups)
    for name, size in left.items():
        assert ((whole[name] == 0) | (whole[name] == every_entry[name])).all(), "no group is kept in part"
        assert ((size == 0) | (size == sizes[name])).all()
    assert all((mask <= before.masks.get(name, mask)).all() for name, mask in masks.items())
    had, now = (sum(tree[name][0].sum() for name in tree) for tree in (sizes, left))
    neighbourhoods = had / 2 if isinstance(scope, Neighbours) else len(sizes)
    assert 0 < had - now <= 1.5 * rate * had + 0.5 * neighbourhoods


@pytest.mark.parametrize(("granularity", "scope"), PAIRS, ids=str)
def test_a_pruned_replicate_depends_on_its_own_seed_only(granularity: Granularity, scope: Scope) -> None:
    pruner, given = Pruner(Random(), granularity, scope), subject()
    masks = pruner.prune(given, 0.5, rounds=2)
    for row in range(len(SEEDS)):
        alone = pruner.prune(rows_of(given, [row]), 0.5, rounds=2)
        assert same_tree(alone, {name: mask[row : row + 1] for name, mask in masks.items()})


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
