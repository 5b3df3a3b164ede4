"""What every model must be."""

from __future__ import annotations

import torch
from subclassed import every, inputs
from tiny import Colour

from lth_lib import masks as mask_rules
from lth_lib.models import BatchNorm, Model, initial
from lth_lib.pruning.granularity import Channel, Granularity, Unit, Weight, spread
from lth_lib.replicates import Tree


@every(Model)
def test_a_model_has_distinct_layers_that_it_uses(value: Model) -> None:
    shape, x = inputs(value)
    layers = value.layers(shape, Colour.classes)
    assert len({layer.name for layer in layers}) == len(layers)
    assert {layer.kind for layer in layers} <= {"conv", "fc", "out", "shortcut", "embed", "attention", "norm"}
    assert all(len(layer.shape) in (1, 2, 4) for layer in layers)
    assert all(layer.weighted == (layer.kind != "norm") for layer in layers)
    assert set(value.kinds(shape, 4)) == {f"{layer.name}.weight" for layer in layers if layer.weighted}
    params, statistics = initial(value, shape, Colour.classes, (0,))
    one, held = ({name: tensor[0] for name, tensor in tree.items()} for tree in (params, statistics))

    def score(p: Tree) -> torch.Tensor:
        logits = value.apply(p, x, BatchNorm(held, training=True))
        assert logits.shape == (4, Colour.classes)
        return logits.log_softmax(1)[:, 0].sum()

    gradient = torch.func.grad(score)(one)
    assert all(bool((gradient[name] != 0).any()) for name in params), "every parameter matters"


@every(Model)
def test_a_model_gives_the_same_for_an_image_whatever_else_is_in_the_batch_it_is_scored_in(value: Model) -> None:
    shape, x = inputs(value)
    params, statistics = initial(value, shape, Colour.classes, (0,))
    one, held = ({name: tensor[0] for name, tensor in tree.items()} for tree in (params, statistics))
    whole = value.apply(one, x, BatchNorm(held, training=False))
    alone = value.apply(one, x[1:2], BatchNorm(held, training=False))
    torch.testing.assert_close(whole[1:2], alone, rtol=1e-4, atol=1e-5)


def logits_without(value: Model, granularity: Granularity) -> torch.Tensor:
    """Return the logits, in double precision, of a network without the first group of each of its sets."""
    shape, x = inputs(value)
    params, statistics = initial(value, shape, Colour.classes, (0,))
    groups = granularity.groups(value.layers(shape, Colour.classes))
    kept = {name: torch.arange(1 + max(int(i.max()) for i in ids.values()))[None] > 0 for name, ids in groups.items()}
    mask_rules.establish(params, spread(kept, groups))
    one, held = ({name: tensor[0].double() for name, tensor in tree.items()} for tree in (params, statistics))
    return value.apply(one, x.double() if x.is_floating_point() else x, BatchNorm(held, training=True))


@every(Model)
def test_a_channel_that_nobody_writes_is_as_good_as_one_that_nobody_reads(value: Model) -> None:
    unwritten, unread = (logits_without(value, granularity) for granularity in (Unit(), Channel()))
    torch.testing.assert_close(unwritten, unread, rtol=1e-9, atol=1e-9)
    assert (unwritten - logits_without(value, Weight())).abs().max() > 1e-6, "what is gone mattered"
