"""N of M and Erdos-Renyi densities: worked by hand, and as their authors compute them."""

from __future__ import annotations

import warnings

import pytest
import torch
from tiny import Colour

from lth_lib.masks import Masks, ones
from lth_lib.models import Conv, Layer, LeNet, Model, ResNet, chained, initial
from lth_lib.pruning.criteria import Magnitude, Subject
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import ERK, Layerwise, Neighbours, PerOutput, Scope
from lth_lib.pruning.scope.erk import divided
from lth_lib.spec import SpecError


def one(scope: Scope, scores: torch.Tensor, rate: float, masks: torch.Tensor | None = None) -> list:
    """Return what is kept of one layer of one replicate."""
    alive = torch.ones_like(scores, dtype=torch.bool) if masks is None else masks
    return scope.keep({"a": scores[None]}, {"a": alive[None]}, {"a": "fc"}, rate)["a"][0].int().tolist()


def masks_of(model: Model, scope: Scope, rate: float, rounds: int = 1, given: Masks | None = None) -> Masks:
    params, _ = initial(model, Colour.shape, Colour.classes, (0, 1))
    weights = {name: params[name] for name in model.kinds(Colour.shape, Colour.classes)}
    subject = Subject(weights, given or ones(weights), model.layers(Colour.shape, Colour.classes), (0, 1))
    return Pruner(Magnitude(), scope=scope).prune(subject, rate, rounds)


def test_of_four_inputs_of_a_unit_the_two_best_stay() -> None:
    scores = torch.tensor([[1.0, 2, 3, 4, 8, 7, 6, 5], [0, 0, 0, 0, 9, 9, 9, 9]])
    assert one(Neighbours(), scores, 0.5) == [[0, 0, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1, 0, 0]]
    assert one(Neighbours(), scores, 0.25) == [[0, 1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 0, 1, 1, 1, 0]]
    assert one(Neighbours(2), scores, 0.5) == [[0, 1, 0, 1, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0, 1, 0]]


def test_neighbours_of_a_convolution_are_input_channels_at_one_place_of_the_kernel() -> None:
    scores = torch.tensor([[[[1.0, 4]], [[2, 3]], [[3, 2]], [[4, 1]]]])  # [1, 4, 1, 2]
    assert one(Neighbours(), scores, 0.5) == [[[[0, 1]], [[0, 1]], [[1, 0]], [[1, 0]]]]


def test_neighbours_that_are_gone_are_not_counted_again() -> None:
    scores, masks = torch.tensor([[1.0, 2, 3, 4]]), torch.tensor([[True, False, True, False]])
    assert one(Neighbours(), scores, 0.5, masks) == [[0, 0, 1, 0]]


def test_a_layer_that_neighbours_do_not_divide_stays_dense_and_is_named() -> None:
    with pytest.warns(UserWarning, match=r"inputs 4 does not divide stay dense: conv1 \(3\)\.$"):
        masks = masks_of(Conv(1, (8,)), Neighbours(), 0.5)
    assert masks.pop("conv1.weight").all()
    for name, mask in masks.items():
        of_each = mask.movedim(2, -1).unflatten(-1, (-1, 4)).sum(-1)
        assert (of_each == 2).all(), name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        masks_of(LeNet((8,)), Neighbours(), 0.5)


@pytest.mark.parametrize(
    ("scope", "rate", "said"),
    [
        (Neighbours(4), 0.1, "At rate 0.1 0 of each 4 neighbours go"),
        (Neighbours(4), 0.9, "At rate 0.9 4 of each 4 neighbours go"),
        (Neighbours(7), 0.5, "of was 7; it divides the inputs of no layer: {'a': 4, 'out': 3}"),
    ],
)
def test_impossible_neighbours_are_refused(scope: Scope, rate: float, said: str) -> None:
    layers = chained(Layer("a", (3, 4), "fc"), Layer("out", (2, 3), "out"))
    with pytest.raises(SpecError, match=said):
        Pruner(scope=scope).check(layers, rate)
    with pytest.raises(SpecError, match="of was 1"):
        Neighbours(1)


def test_whole_channels_have_neither_neighbours_nor_sides() -> None:
    layers = LeNet((8,)).layers(Colour.shape, 4)
    for scope in (Neighbours(), ERK(), PerOutput()):
        with pytest.raises(SpecError, match=r"\['fc1'\] are whole channels"):
            Pruner(granularity=Unit(), scope=scope).check(layers, 0.5)


@pytest.mark.parametrize(
    ("total", "shares", "most", "parts"),
    [
        (12, [1, 2, 3], [100, 100, 100], [2, 4, 6]),
        (12, [1, 2, 3], [100, 100, 5], [2, 5, 5]),  # 7 are left for shares of 1 and 2: 2 1/3 and 4 2/3
        (12, [1, 2, 3], [100, 3, 5], [4, 3, 5]),
        (11, [1, 1, 1], [9, 9, 9], [4, 4, 3]),
        (9, [1, 2, 3], [1, 3, 5], [1, 3, 5]),
        (0, [1, 2], [5, 5], [0, 0]),
    ],
)
def test_a_number_is_divided_in_proportion_and_to_none_more_than_its_most(
    total: int, shares: list[int], most: list[int], parts: list[int]
) -> None:
    assert divided(total, shares, most) == parts


def test_erk_keeps_weights_in_proportion_to_the_sides_of_a_layer() -> None:
    scores = {"a": torch.ones(1, 4, 6), "b": torch.ones(1, 10, 10), "c": torch.ones(1, 2, 2, 3, 3)}
    alive = ones(scores)
    # Sides 10, 20 and 10; of 160 weights 40 stay.
    kept = ERK().keep(scores, alive, {}, 0.75)
    assert {name: int(mask.sum()) for name, mask in kept.items()} == {"a": 10, "b": 20, "c": 10}
    # Of 160 weights 128 stay: a would be denser than dense, and 104 are left for sides of 20 and 10.
    kept = ERK().keep(scores, alive, {}, 0.2)
    assert {name: int(mask.sum()) for name, mask in kept.items()} == {"a": 24, "b": 69, "c": 35}


def published(layers: tuple[Layer, ...], density: float) -> dict[str, float]:
    """Return the layer densities as Evci et al. compute them: dense layers are found one pass after the other."""
    dense: set[str] = set()
    while True:
        divisor = rhs = 0.0
        raw = {}
        for layer in layers:
            size = torch.Size(layer.shape).numel()
            if layer.name in dense:
                rhs -= size * (1 - density)
            else:
                rhs += size * density
                raw[layer.name] = sum(layer.shape) / size
                divisor += raw[layer.name] * size
        epsilon = rhs / divisor
        if max(raw.values()) * epsilon <= 1:
            return {layer.name: 1.0 if layer.name in dense else epsilon * raw[layer.name] for layer in layers}
        dense |= {name for name, value in raw.items() if value == max(raw.values())}


@pytest.mark.parametrize(("rate", "rounds"), [(0.9, 1), (0.2, 10), (0.5, 1), (0.5, 5)])
@pytest.mark.parametrize("model", [LeNet((40, 20)), ResNet(1)], ids=["LeNet", "ResNet"])
def test_erk_has_the_published_densities_however_many_rounds_led_there(model: Model, rate: float, rounds: int) -> None:
    masks, layers = masks_of(model, ERK(), rate, rounds), model.layers(Colour.shape, Colour.classes)
    total, left = (sum(mask[0].numel() if whole else int(mask[0].sum()) for mask in masks.values()) for whole in (1, 0))
    expected = total
    for _ in range(rounds):
        expected -= int(rate * expected + 0.5)
    assert left == expected, "the network's count is exact"
    for name, density in published(layers, left / total).items():
        mask = masks[f"{name}.weight"]
        assert abs(int(mask[0].sum()) - density * mask[0].numel()) < 1, name
        assert mask[0].sum() == mask[1].sum()


def test_erk_never_revives_what_another_scope_has_taken() -> None:
    before = masks_of(LeNet((40, 20)), Layerwise(), 0.5)
    after = masks_of(LeNet((40, 20)), ERK(), 0.2, given=before)
    assert all((after[name] <= before[name]).all() for name in before)
    assert torch.equal(after["out.weight"], before["out.weight"]), "it would be denser: it stays as it is"
