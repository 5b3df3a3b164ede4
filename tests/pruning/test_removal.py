"""What is removed made no difference: the smaller network is the masked one, in evaluation and in training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny import Colour

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import VGG, BatchNorm, Conv, LeNet, Model, ResNet, Transformer, initial
from lth_lib.pruning.criteria import Random, Subject
from lth_lib.pruning.granularity import Channel, Granularity, Unit, Weight
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.removal import Smaller, shrink, weights_left
from lth_lib.replicates import Tree, stream
from lth_lib.spec import SpecError

SEEDS, ROW = (0, 1), 1
IMAGES = torch.from_numpy(stream(0, "removal").standard_normal((8, *Colour.shape), "float32"))
NETWORKS = [LeNet(), Conv(2), ResNet(3), VGG()]
every_network = pytest.mark.parametrize("model", NETWORKS, ids=["LeNet-300-100", "Conv-4", "ResNet-20", "VGG-19"])


def grown(model: Model, shape: tuple[int, ...] = Colour.shape, classes: int = Colour.classes) -> tuple[Tree, Tree]:
    """Return parameters and statistics as training leaves them: no bias and no shift is zero, no scale one."""
    trees = initial(model, shape, classes, SEEDS)
    for tree in trees:
        for name, value in tree.items():
            draw = torch.from_numpy(stream(0, "grown", name).random(value.shape[1:], "float32"))
            if name.rpartition(".")[2] in ("bias", "shift", "mean"):
                value += draw - 0.5
            elif name.rpartition(".")[2] in ("scale", "var"):
                value *= 1 + draw
    return trees


def pruned(model: Model, params: Tree, *granularities: Granularity, rate: float = 0.5) -> Masks:
    """Return masks by chance, of one granularity after the other, and establish them."""
    weights = {name: params[name] for name in model.kinds(Colour.shape, Colour.classes)}
    subject = Subject(weights, mask_rules.ones(weights), model.layers(Colour.shape, Colour.classes), SEEDS)
    return pruned_of(subject, params, *granularities, rate=rate)


def pruned_of(subject: Subject, params: Tree, *granularities: Granularity, rate: float = 0.5) -> Masks:
    """Return the masks of a subject by chance, of one granularity after the other, and establish them."""
    for granularity in granularities:
        subject = replace(subject, masks=Pruner(Random(), granularity).prune(subject, rate))
    mask_rules.establish(params, subject.masks)
    return subject.masks


def shrunk(model: Model, params: Tree, statistics: Tree, masks: Masks) -> Smaller:
    layers = model.layers(Colour.shape, Colour.classes)
    small = shrink(layers, params, statistics, masks, ROW)
    left = {name: own[ROW] for name, own in weights_left(layers, masks).items()}
    own = {f"{layer.name}.weight": small.params[f"{layer.name}.weight"].numel() for layer in layers}
    assert left == own, "what is left is counted without removing anything"
    return small


def both(model: Model, params: Tree, statistics: Tree, small: Smaller, training: bool, kind: torch.dtype) -> Tree:
    """Return the logits of the masked and of the smaller network on the images, in a precision."""
    trees = [{n: value[ROW].to(kind) for n, value in tree.items()} for tree in (params, statistics)]
    other = [{n: value.to(kind) for n, value in tree.items()} for tree in (small.params, small.statistics)]
    networks = {"masked": trees, "smaller": other}
    return {name: model.apply(p, IMAGES.to(kind), BatchNorm(s, training)) for name, (p, s) in networks.items()}


def same_function(model: Model, params: Tree, statistics: Tree, masks: Masks, training: bool) -> Smaller:
    """Assert that the smaller network has the masked network's logits, and return it.

    They differ by at most 1e-5 of what differs between images, in double precision: deep networks of random weights
    hardly tell images apart, and batch norm of a small batch amplifies the rounding of single precision.
    """
    small = shrunk(model, params, statistics, masks)
    logits = both(model, params, statistics, small, training, torch.float64)
    centre, spread = logits["masked"].mean(0), logits["masked"].std(0)
    ours, theirs = ((logits[name] - centre) / spread for name in ("smaller", "masked"))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)
    if not training:
        logits = both(model, params, statistics, small, training, torch.float32)
        torch.testing.assert_close(logits["smaller"], logits["masked"], rtol=1e-5, atol=1e-5)
    return small


@every_network
@pytest.mark.parametrize("training", [False, True], ids=["in evaluation", "in training"])
def test_a_network_without_its_pruned_units_computes_the_same(model: Model, training: bool) -> None:
    params, statistics = grown(model)
    masks = pruned(model, params, Unit())
    small = same_function(model, params, statistics, masks, training)
    for layer, own in zip(model.layers(Colour.shape, Colour.classes), small.layers, strict=True):
        assert own.shape == small.params[f"{layer.name}.weight"].shape
        assert own.shape[0] == layer.shape[0] // (1 if layer.kind == "out" else 2)
        assert own.shape[1] == layer.shape[1] // (2 if layer.reads else 1)
    assert all(mask.all() for mask in small.masks.values()), "nothing within is masked"
    assert {name: value.shape for name, value in small.statistics.items()}.keys() == statistics.keys()


@pytest.mark.parametrize("model", NETWORKS[:3], ids=["LeNet-300-100", "Conv-4", "ResNet-20"])
def test_a_network_without_the_channels_that_nobody_reads_computes_the_same(model: Model) -> None:
    params, statistics = grown(model)
    small = same_function(model, params, statistics, pruned(model, params, Channel()), training=True)
    assert [layer.shape[0] * 2 for layer in small.layers[:-1]] == [
        layer.shape[0] for layer in model.layers(Colour.shape, Colour.classes)[:-1]
    ]


@pytest.mark.parametrize("model", NETWORKS[:3], ids=["LeNet-300-100", "Conv-4", "ResNet-20"])
def test_what_is_masked_within_a_unit_stays_masked(model: Model) -> None:
    params, statistics = grown(model)
    masks = pruned(model, params, Weight(), Unit())
    small = same_function(model, params, statistics, masks, training=False)
    assert mask_rules.violations(small.params, small.masks) == 0
    kept = [
        sum(int(mask.sum()) for mask in tree.values()) for tree in (small.masks, {n: m[ROW] for n, m in masks.items()})
    ]
    assert 0 < kept[0] < kept[1], "columns that read a unit go with it"


def test_the_moved_statistics_of_what_is_left_are_those_of_the_masked_network() -> None:
    model = ResNet(1)
    params, statistics = grown(model)
    masks = pruned(model, params, Unit())
    small = shrunk(model, params, statistics, masks)
    own, held = ({name: value[ROW] for name, value in tree.items()} for tree in (params, statistics))
    norms = BatchNorm(held, True), BatchNorm(small.statistics, True)
    model.apply(own, IMAGES, norms[0])
    model.apply(small.params, IMAGES, norms[1])
    for name, moved in norms[1].moved.items():
        left = masks[name.rpartition(".")[0] + ".scale"][ROW]
        torch.testing.assert_close(moved, norms[0].moved[name][left], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("granularities", [(), (Unit(),), (Channel(),), (Weight(), Unit())], ids=str)
@pytest.mark.parametrize("causal", [False, True])
def test_a_network_whose_norms_have_no_weights_computes_the_same(
    granularities: tuple[Granularity, ...], causal: bool
) -> None:
    model, shape, classes = Transformer(tokens=7, width=8, causal=causal), (5,), 3
    layers = model.layers(shape, classes)
    params, statistics = grown(model, shape, classes)
    weights = {name: params[name] for name in model.kinds(shape, classes)}
    masks = pruned_of(Subject(weights, mask_rules.ones(weights), layers, SEEDS), params, *granularities)
    small = shrink(layers, params, statistics, masks, ROW)
    tokens = torch.from_numpy(stream(0, "tokens").integers(0, 7, (8, *shape)))
    ours, theirs = (
        model.apply(p, tokens, BatchNorm({}, training=False))
        for p in (small.params, {name: value[ROW] for name, value in params.items()})
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    hidden = {layer.name: layer.shape for layer in small.layers}
    whole = {layer.name: layer.shape for layer in layers}
    assert hidden["block1.norm1"] == whole["block1.norm1"] == (8,)
    assert (hidden["block2.up"][0] < whole["block2.up"][0]) == bool(granularities)


def test_a_network_that_lost_single_weights_is_as_large_as_before() -> None:
    params, statistics = grown(LeNet((16, 8)))
    masks = pruned(LeNet((16, 8)), params, Weight())
    masks["fc1.weight"][:, 3] = False
    mask_rules.establish(params, masks)
    small = same_function(LeNet((16, 8)), params, statistics, masks, training=False)
    assert small.params["fc1.weight"].shape[0] == 16, (
        "a unit without weights whose bias is left is a constant, not zero"
    )
    masks["fc1.bias"] = torch.ones_like(params["fc1.bias"], dtype=torch.bool)
    masks["fc1.bias"][:, 3] = False
    mask_rules.establish(params, masks)
    small = same_function(LeNet((16, 8)), params, statistics, masks, training=False)
    assert small.params["fc1.weight"].shape[0] == 15
    assert small.params["fc2.weight"].shape[1] == 15


@pytest.mark.parametrize(
    ("model", "part", "said"),
    [
        (LeNet((16, 8)), "fc2", "No weight is left of fc2: "),
        (ResNet(1), "stage2", r"No weight is left of stage2\.1\.b, stage2\.1\.shortcut: "),
    ],
)
def test_a_layer_that_would_be_emptied_is_named_before_anything_is_removed(model: Model, part: str, said: str) -> None:
    params, statistics = grown(model)
    masks = pruned(model, params, Unit())
    for name in Unit().groups(model.layers(Colour.shape, Colour.classes))[part]:
        masks[name][ROW] = False
    with pytest.raises(SpecError, match=said):
        shrunk(model, params, statistics, masks)
    shrink(model.layers(Colour.shape, Colour.classes), params, statistics, masks, 1 - ROW)
