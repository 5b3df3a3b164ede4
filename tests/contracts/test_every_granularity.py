"""What every granularity must be, new ones included."""

from __future__ import annotations

import torch
from examples import every
from rows import permuted, subject
from tiny import layers_of, same_tree, setting, weights_of

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.pruning.granularity import Granularity, pool, spread
from lth_lib.replicates import Tree, stream


def chosen(like: Tree, share: float, purpose: str) -> Masks:
    """Return truth values of the shapes of tensors, by chance: of each replicate its own."""
    shapes = {name: tensor.shape for name, tensor in like.items()}
    return {
        n: torch.from_numpy(stream(0, "contracts", purpose, n).random(shape) < share) for n, shape in shapes.items()
    }


@every(Granularity)
def test_to_pool_what_was_spread_gives_it_back(value: Granularity) -> None:
    groups, params = value.groups(layers_of(setting())), weights_of(setting())[0]
    sizes = pool({name: torch.ones_like(p, dtype=torch.bool) for name, p in params.items()}, groups)
    assert {name: size.shape[1:] for name, size in sizes.items()} == {
        name: torch.Size(one.shape) for name, one in value.sets(layers_of(setting())).items()
    }
    kept = chosen(sizes, 0.5, "kept")
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
