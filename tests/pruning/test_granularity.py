"""Worked tables: what belongs to a unit and to a channel, how a group is scored, and how many groups go."""

from __future__ import annotations

import pytest
import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer, ResNet, between, chained
from lth_lib.pruning.criteria import Magnitude, Subject
from lth_lib.pruning.granularity import Channel, Granularity, Unit, Weight, pool, spread
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global, Layerwise, Scope
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError

LAYERS = chained(
    Layer("conv", (2, 1, 1, 2), "conv", bias=False, norm=True), Layer("fc", (3, 4), "fc"), Layer("out", (2, 3), "out")
)
"""Two filters of two weights, whose maps of two pixels three units read; two classes."""


def numbers(granularity: Granularity, layers: tuple[Layer, ...] = LAYERS) -> dict[str, dict[str, list]]:
    groups = granularity.groups(layers)
    return {name: {part: ids.tolist() for part, ids in parts.items()} for name, parts in groups.items()}


def test_single_weights_are_groups_of_their_own() -> None:
    assert numbers(Weight())["fc.weight"] == {"fc.weight": [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]}
    assert [*numbers(Weight())] == ["conv.weight", "fc.weight", "out.weight"]


def test_a_unit_is_its_row_its_bias_its_scale_and_its_shift_and_a_class_is_none() -> None:
    assert numbers(Unit()) == {
        "conv": {"conv.weight": [[[[0, 0]]], [[[1, 1]]]], "conv.scale": [0, 1], "conv.shift": [0, 1]},
        "fc": {"fc.weight": [[0] * 4, [1] * 4, [2] * 4], "fc.bias": [0, 1, 2]},
    }


def test_a_channel_is_the_columns_that_read_it_each_pixel_of_its_map_and_an_input_is_none() -> None:
    assert numbers(Channel()) == {
        "conv": {"fc.weight": [[0, 0, 1, 1]] * 3},
        "fc": {"out.weight": [[0, 1, 2]] * 2},
    }


def test_the_sets_have_the_kind_of_what_goes() -> None:
    assert {name: one.kind for name, one in Unit().sets(LAYERS).items()} == {"conv": "conv", "fc": "fc"}
    assert {name: one.kind for name, one in Channel().sets(LAYERS).items()} == {"conv": "fc", "fc": "out"}


def test_residual_channels_that_are_added_are_one_group() -> None:
    layers = ResNet(2).layers((3, 8, 8), 4)
    writers = {name: [layer.name for layer in one.writers] for name, one in between(layers).items()}
    assert {name: found for name, found in writers.items() if len(found) > 1} == {
        "stage1": ["conv1", "stage1.1.b", "stage1.2.b"],
        "stage2": ["stage2.1.b", "stage2.1.shortcut", "stage2.2.b"],
        "stage3": ["stage3.1.b", "stage3.1.shortcut", "stage3.2.b"],
    }
    assert [layer.name for layer in between(layers)["stage1"].readers] == [
        "stage1.1.a",
        "stage1.2.a",
        "stage2.1.a",
        "stage2.1.shortcut",
    ]
    parts = {part for part in Unit().groups(layers)["stage2"] if part.startswith("stage2.1.shortcut")}
    assert parts == {"stage2.1.shortcut.weight", "stage2.1.shortcut.scale", "stage2.1.shortcut.shift"}


def test_what_is_pooled_is_the_sum_over_a_group_of_all_its_parameters() -> None:
    groups = {"a": {"x": torch.tensor([[0, 0], [1, 1]]), "y": torch.tensor([0, 1])}}
    values = {"x": torch.tensor([[[1.0, 2], [3, 4]]]), "y": torch.tensor([[10.0, 20]]), "z": torch.ones(1, 5)}
    assert pool(values, groups)["a"].tolist() == [[13, 27]]
    assert pool({"x": values["x"]}, groups)["a"].tolist() == [[3, 7]]
    assert pool({"x": values["x"] > 1}, groups)["a"].tolist() == [[1, 2]]
    kept = spread({"a": torch.tensor([[True, False]])}, groups)
    assert {name: mask.tolist() for name, mask in kept.items()} == {
        "x": [[[True, True], [False, False]]],
        "y": [[True, False]],
    }


CHAIN = chained(Layer("a", (3, 4), "fc"), Layer("b", (2, 3), "fc"), Layer("out", (2, 2), "out"))
WEIGHTS = {
    "a.weight": torch.tensor([[[1.0, 1, 1, 1], [2, -2, 2, 2], [9, 0, 0, 0]]]),
    "b.weight": torch.tensor([[[2.5, -2.5, 2.5], [3, 3, 3]]]),
    "out.weight": torch.zeros(1, 2, 2),
}


def pruned(granularity: Granularity, scope: Scope, rate: float, masks: Masks | None = None) -> dict[str, list]:
    every: Tree = {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in WEIGHTS.items()}
    left = Pruner(Magnitude(), granularity, scope).prune(Subject(WEIGHTS, masks or every, CHAIN, (0,)), rate)
    return {name: mask[0].int().tolist() for name, mask in left.items()}


def test_the_units_of_the_lowest_mean_go_with_their_biases() -> None:
    left = pruned(Unit(), Layerwise(), 0.34)  # of 12 weights 4 may go, of 6 weights 2, which is no unit
    assert left["a.weight"] == [[0] * 4, [1] * 4, [1] * 4]
    assert left["a.bias"] == [0, 1, 1]
    assert left["b.weight"] == [[1] * 3] * 2
    assert left["b.bias"] == [1, 1]
    assert left["out.weight"] == [[1, 1], [1, 1]]
    assert "out.bias" not in left


@pytest.mark.parametrize(("rate", "gone"), [(0.29, 0), (0.30, 4), (0.62, 4), (0.63, 8), (0.95, 8), (0.96, 12)])
def test_units_go_while_their_weights_are_at_most_those_that_are_to_go(rate: float, gone: int) -> None:
    assert 12 - sum(map(sum, pruned(Unit(), Layerwise((("b", 0.0),)), rate)["a.weight"])) == gone


def test_by_the_mean_groups_of_all_sizes_rank_alike_and_by_the_sum_small_ones_go_first() -> None:
    # a has the means 1, 2, 2.25 and the sums 4, 8, 9; b has 2.5, 3 and 7.5, 9. Of 18 weights 7 may go.
    by_mean, by_sum = (pruned(Unit(mean), Global(), 0.4) for mean in (True, False))
    assert (by_mean["a.bias"], by_mean["b.bias"]) == ([0, 1, 1], [1, 1])
    assert (by_sum["a.bias"], by_sum["b.bias"]) == ([0, 1, 1], [0, 1])


def test_a_group_is_scored_and_counted_by_the_weights_that_it_still_has() -> None:
    masks = {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in WEIGHTS.items()}
    masks["a.weight"][0, 2] = torch.tensor([True, False, False, False])
    masks["a.weight"][0, 0] = False
    # Of 5 weights 4 may go: unit 2 has one of size 9, unit 1 four of size 2, and unit 0 none.
    left = pruned(Unit(), Layerwise((("b", 0.0),)), 0.8, masks)
    assert left["a.weight"] == [[0] * 4, [0] * 4, [1, 0, 0, 0]]
    assert left["a.bias"] == [0, 0, 1]
    left = pruned(Unit(mean=False), Layerwise((("b", 0.0),)), 0.5, masks)
    assert left["a.bias"] == [0, 1, 1], "unit 1 has more weights than may go"


def test_the_columns_of_the_lowest_mean_go_and_no_bias_does() -> None:
    left = pruned(Channel(), Layerwise((("b", 0.0),)), 0.34)  # a's channels, read by b, have equal means
    assert left["b.weight"] == [[1, 1, 0]] * 2
    assert left["a.weight"] == [[1] * 4] * 3
    assert "b.bias" not in left


def test_a_network_that_does_not_say_what_its_layers_read_has_no_units() -> None:
    silent = (Layer("a", (3, 4), "fc"), Layer("out", (2, 3), "out"))
    for granularity in (Unit(), Channel()):
        with pytest.raises(SpecError, match=r"found nothing to group: no layer of \['a', 'out'\] .* in `reads`"):
            Pruner(granularity=granularity).check(silent, 0.5)


def test_channels_that_do_not_fit_are_refused_by_name() -> None:
    a = Layer("a", (3, 4), "fc")
    with pytest.raises(SpecError, match="out reads 'b', which no layer writes"):
        between((a, Layer("out", (2, 3), "out", reads="b")))
    with pytest.raises(SpecError, match="out has 4 inputs, no multiple of the 3 channels of 'a'"):
        between((a, Layer("out", (2, 4), "out", reads="a")))
    with pytest.raises(SpecError, match="b writes 2 channels and a 3"):
        between((a, Layer("b", (2, 4), "fc", writes="a"), Layer("out", (2, 3), "out", reads="a")))


def test_a_factor_of_what_has_no_groups_is_refused() -> None:
    with pytest.raises(SpecError, match=r"A factor names 'out', no layer or kind of what can go: \['a', 'b', 'fc'\]"):
        pruned(Unit(), Layerwise((("out", 0.5),)), 0.5)
