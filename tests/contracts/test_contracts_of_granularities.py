"""What every granularity must be, within every scope."""

from __future__ import annotations

import pytest
import torch
from subclassed import every, examples, inputs, permuted, rows_of, subject
from tiny import SEEDS, Colour, layers_of, same_tree, setting, weights_of

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import Model, initial
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.granularity import Granularity, pool, spread
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Neighbours, Scope
from lth_lib.replicates import Tree, stream
from lth_lib.spec import SpecError


def drawn(like: Tree, share: float, purpose: str) -> Masks:
    """Return truth values of the shapes of tensors, by chance: of each replicate its own."""
    shapes = {name: tensor.shape for name, tensor in like.items()}
    return {
        n: torch.from_numpy(stream(0, "contracts", purpose, n).random(shape) < share) for n, shape in shapes.items()
    }


@every(Granularity)
@pytest.mark.parametrize("model", examples(Model), ids=lambda model: type(model).__name__)
def test_a_granularity_divides_parameters_into_groups_of_equally_many_entries(value: Granularity, model: Model) -> None:
    shape, _ = inputs(model)
    layers = model.layers(shape, Colour.classes)
    params, _ = initial(model, shape, Colour.classes, (0,), device="meta")
    sets, groups = value.sets(layers), value.groups(layers)
    assert [*sets] == [*groups]
    named = [part for parts in groups.values() for part in parts]
    assert len(set(named)) == len(named), "no parameter is in two sets"
    for name, parts in groups.items():
        count = torch.Size(sets[name].shape).numel()
        for part, ids in parts.items():
            assert ids.shape == params[part].shape[1:]
            assert (ids.flatten().bincount(minlength=count) == ids.numel() // count).all()
    assert {f"{layer.name}.weight" for layer in layers} & set(named)


@every(Granularity)
def test_to_pool_what_was_spread_gives_it_back(value: Granularity) -> None:
    groups, params = value.groups(layers_of(setting())), weights_of(setting())[0]
    sizes = pool({name: torch.ones_like(p, dtype=torch.bool) for name, p in params.items()}, groups)
    assert {name: size.shape[1:] for name, size in sizes.items()} == {
        name: torch.Size(one.shape) for name, one in value.sets(layers_of(setting())).items()
    }
    kept = drawn(sizes, 0.5, "kept")
    masks = spread(kept, groups)
    mask_rules.check(masks, params)
    assert same_tree(pool(masks, groups), {name: size * kept[name] for name, size in sizes.items()})
    assert same_tree({n: size > 0 for n, size in pool(masks, groups).items()}, kept)


@every(Granularity)
def test_a_granularity_pools_each_replicate_for_itself(value: Granularity) -> None:
    given, groups = subject(), value.groups(layers_of(setting()))
    pooled = pool(given.weights, groups)
    assert same_tree(pool(permuted(given.weights), groups), permuted(pooled))
    alone = {name: weight[1:2] for name, weight in given.weights.items()}
    assert same_tree(pool(alone, groups), {name: score[1:2] for name, score in pooled.items()})
    kept = {name: score > 0 for name, score in pooled.items()}
    assert same_tree(spread(permuted(kept), groups), permuted(spread(kept, groups)))


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
