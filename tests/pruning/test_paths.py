"""What is on a path: worked by hand, and where the gradient of a network of positive weights is not zero."""

from __future__ import annotations

import pytest
import torch
from tiny import Colour

from lth_lib.masks import Masks
from lth_lib.models import BatchNorm, Conv, Layer, LeNet, Model, ResNet, Transformer, initial
from lth_lib.models.channels import chained
from lth_lib.pruning.paths import Paths, paths
from lth_lib.replicates import stream
from lth_lib.spec import SpecError

SEEDS = (0, 1, 2)
SMALL = chained(Layer("one", (3, 4), "fc"), Layer("two", (2, 3), "fc"), Layer("out", (2, 2), "out"))


def kept(**rows: list[list[int]]) -> Masks:
    return {f"{name}.weight": torch.tensor(mask, dtype=torch.bool)[None] for name, mask in rows.items()}


def test_a_small_network_worked_by_hand() -> None:
    """Unit 0 is on the only path, 1 reads input 2 and only a unit reads it that nothing reads, 2 reads nothing."""
    masks = kept(
        one=[[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]],
        two=[[1, 0, 1], [0, 1, 0]],
        out=[[1, 0], [0, 0]],
    )
    found = paths(SMALL, masks)
    assert found.inputs.tolist() == [[True, True, False, False]]
    assert {name: units.tolist() for name, units in found.units.items()} == {
        "one": [[True, False, False]],
        "two": [[True, False]],
    }
    assert {name: count.tolist() for name, count in found.weights.items()} == {"one": [2], "two": [1], "out": [1]}
    assert found.density.tolist() == [4 / (12 + 6 + 4)]


def test_where_no_path_is_left_everything_is_dead_though_no_layer_is_empty() -> None:
    masks = kept(one=[[1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]], two=[[0, 1, 1], [0, 1, 1]], out=[[1, 1], [1, 1]])
    found = paths(SMALL, masks)
    assert found.density.tolist() == [0]
    assert not found.inputs.any()
    assert not any(units.any() for units in found.units.values())


JOINED = (
    Layer("first", (2, 1), "fc", writes="sum"),
    Layer("block", (2, 2), "fc", reads="sum", writes="sum"),
    Layer("out", (1, 2), "out", reads="sum"),
)


def test_what_several_layers_add_to_is_read_as_those_before_have_left_it() -> None:
    """The block writes channel 1 of itself from channel 0; it does not read what it writes."""
    found = paths(JOINED, kept(first=[[1], [0]], block=[[0, 0], [1, 0]], out=[[0, 1]]))
    assert {name: count.tolist() for name, count in found.weights.items()} == {"first": [1], "block": [1], "out": [1]}
    assert found.units["sum"].tolist() == [[True, True]]
    found = paths(JOINED, kept(first=[[1], [0]], block=[[0, 0], [0, 1]], out=[[0, 1]]))
    assert found.density.tolist() == [0], "nothing has written channel 1 when the block reads it"
    assert found.units["sum"].tolist() == [[False, False]]


def by_gradients(model: Model, masks: Masks) -> Paths:
    """Return what is on paths by the gradients of the sum of the outputs, of weights 0 and 1 and images of ones."""
    trees = initial(model, Colour.shape, Colour.classes, SEEDS)
    inputs, weights, density = [], [], []
    for row in range(len(SEEDS)):
        params, statistics = ({name: value[row].double() for name, value in tree.items()} for tree in trees)
        own = {name: mask[row].double().requires_grad_() for name, mask in masks.items()}
        x = torch.ones(1, *Colour.shape, dtype=torch.float64, requires_grad=True)
        model.apply(params | own, x, BatchNorm(statistics, training=False)).sum().backward()
        assert x.grad is not None
        inputs.append(x.grad[0] != 0)
        weights.append({name: value.detach() * value.grad != 0 for name, value in own.items()})
        density.append(sum(int(one.sum()) for one in weights[-1].values()) / sum(m[0].numel() for m in masks.values()))
    counts = {name.removesuffix(".weight"): torch.stack([one[name].sum() for one in weights]).numpy() for name in masks}
    units: Masks = {}
    for layer in model.layers(Colour.shape, Colour.classes)[:-1]:
        alive = torch.stack([one[f"{layer.name}.weight"].flatten(1).any(1) for one in weights])
        units[layer.writes] = units[layer.writes] | alive if layer.writes in units else alive
    return Paths(torch.stack(inputs), units, counts, torch.tensor(density).numpy())


def drawn(model: Model, share: float) -> Masks:
    """Return masks by chance, of whole kernels: at a border the gradient of a part of one may be zero by padding."""
    out = {}
    for layer in model.layers(Colour.shape, Colour.classes):
        draw = torch.from_numpy(stream(0, "paths", layer.name).random((len(SEEDS), *layer.shape[:2])) < share)
        out[f"{layer.name}.weight"] = draw.view(*draw.shape, *[1] * len(layer.shape[2:])).expand(-1, *layer.shape)
    return out


@pytest.mark.parametrize(
    ("model", "share"), [(LeNet((40, 20)), 0.05), (Conv(2, (30,)), 0.03), (ResNet(2), 0.03)], ids=lambda x: str(x)[:6]
)
def test_paths_are_where_a_network_of_positive_weights_has_a_gradient(model: Model, share: float) -> None:
    masks = drawn(model, share)
    found, wanted = paths(model.layers(Colour.shape, Colour.classes), masks), by_gradients(model, masks)
    # Each input of a dense layer is a pixel, of a convolution a colour.
    assert torch.equal(found.inputs, wanted.inputs.reshape(*found.inputs.shape, -1).any(2))
    assert found.units.keys() == wanted.units.keys()
    for name, units in found.units.items():
        assert torch.equal(units, wanted.units[name])
    assert {name: count.tolist() for name, count in found.weights.items()} == {
        name: count.tolist() for name, count in wanted.weights.items()
    }
    assert found.density.tolist() == pytest.approx(wanted.density.tolist())
    assert all(0 < units.float().mean() < 1 for units in found.units.values()), "a test of all or nothing shows little"


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (Transformer(tokens=5).layers((4,), 2), "token reads '' and writes 'token'; paths are known where "),
        ((Layer("one", (2, 2), "fc"), Layer("out", (2, 2), "out")), "one reads '' and writes 'one'; paths "),
    ],
)
def test_layers_that_do_not_say_what_they_read_are_refused(layers: tuple[Layer, ...], said: str) -> None:
    masks = {f"{layer.name}.weight": torch.ones(1, *layer.shape, dtype=torch.bool) for layer in layers}
    with pytest.raises(SpecError, match=said):
        paths(layers, masks)
