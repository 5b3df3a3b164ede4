"""Worked tables: how many go is exact, which go is by rank, and ties keep the lower index."""

from __future__ import annotations

import pytest
import torch
from tiny import Colour, Grey, setting

from lth_lib import masks as mask_rules
from lth_lib.data import CIFAR10, MNIST, Dataset
from lth_lib.experiments.studies import PRUNER
from lth_lib.masks import Masks
from lth_lib.models import Conv, LeNet, Model, ResNet, initial
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.granularity import Set
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global, Layerwise, Scope, base
from lth_lib.spec import SpecError

KINDS = {"a.weight": "conv", "b.weight": "fc", "out.weight": "out"}


def rows(*values: list[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32)


def full(scores: dict[str, torch.Tensor]) -> Masks:
    return {name: torch.ones_like(score, dtype=torch.bool) for name, score in scores.items()}


def kept(scope: Scope, scores: dict[str, torch.Tensor], rate: float, masks: Masks | None = None) -> dict[str, list]:
    scope.check({name: Set(kind, (1,)) for name, kind in KINDS.items()}, rate)
    new = scope.keep(scores, masks or full(scores), KINDS, rate)
    return {name: mask.int().tolist() for name, mask in new.items()}


def one(scores: list[float], rate: float, alive: list[int] | None = None) -> list[int]:
    """Return what is kept of one layer of one replicate."""
    masks = {"b.weight": torch.tensor([alive or [1] * len(scores)]).bool()}
    return kept(Layerwise(), {"b.weight": rows(scores)}, rate, masks)["b.weight"][0]


def test_the_lowest_scores_go() -> None:
    assert one([3, 1, 2, 5, 4], 0.4) == [1, 0, 0, 1, 1]


def test_each_replicate_keeps_its_own() -> None:
    scores = {"b.weight": rows([1, 2, 3, 4], [4, 3, 2, 1])}
    assert kept(Layerwise(), scores, 0.5)["b.weight"] == [[0, 0, 1, 1], [1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("count", "rate", "gone"),
    [(5, 0.5, 3), (5, 0.1, 1), (4, 0.1, 0), (10, 0.25, 3), (10, 0.2, 2), (1000, 0.2, 200), (1, 0.5, 1), (1, 0.4, 0)],
)
def test_how_many_go_is_rounded_half_up(count: int, rate: float, gone: int) -> None:
    assert sum(one(list(range(count)), rate)) == count - gone


def test_ties_keep_the_lower_index() -> None:
    assert one([1, 1, 1, 1], 0.5) == [1, 1, 0, 0]
    assert one([2, 1, 1, 2, 1], 0.4) == [1, 1, 0, 1, 0]
    assert one([0, 0, 0, 0], 0.25) == [1, 1, 1, 0], "all ties do not go together"
    assert one([i % 7 for i in range(1400)], 0.5) == [int(i % 7 > 3 or (i % 7 == 3 and i < 700)) for i in range(1400)]


def test_what_is_gone_stays_gone_and_is_not_counted() -> None:
    assert one([9, 8, 1, 2, 3, 4], 0.5, [0, 0, 1, 1, 1, 1]) == [0, 0, 0, 0, 1, 1]
    assert one([-1, -2, -3], 0.3, [0, 1, 1]) == [0, 1, 0], "whatever the sign of the scores"


def test_a_survivor_without_a_score_goes_first_but_after_what_is_gone() -> None:
    nan = float("nan")
    assert one([nan, 1, nan, 2], 0.5) == [0, 1, 0, 1]
    assert one([5, nan, nan, 5], 0.5, [0, 1, 1, 0]) == [0, 1, 0, 0]
    assert one([nan] * 4, 0.5) == [1, 1, 0, 0]
    assert one([-float("inf"), 0, 1, 2], 0.25, [1, 1, 1, 0]) == [0, 1, 1, 0]


def test_factors_multiply_the_rate_by_layer_or_kind_and_the_layer_counts_first() -> None:
    scores = {name: rows(list(range(10))) for name in KINDS}
    new = kept(Layerwise((("conv", 0.5), ("out", 0.0), ("b", 1.5))), scores, 0.4)
    assert {name: sum(mask[0]) for name, mask in new.items()} == {"a.weight": 8, "b.weight": 4, "out.weight": 10}
    new = kept(Layerwise((("conv", 0.5), ("a", 1.0))), scores, 0.4)
    assert sum(new["a.weight"][0]) == 6


def test_layers_compete_within_themselves_or_together() -> None:
    scores = {"a.weight": rows([1, 2, 3, 4]), "b.weight": rows([10, 20]), "out.weight": rows([5, 6])}
    assert kept(Layerwise(), scores, 0.5) == {"a.weight": [[0, 0, 1, 1]], "b.weight": [[0, 1]], "out.weight": [[0, 1]]}
    assert kept(Global(), scores, 0.5) == {"a.weight": [[0, 0, 0, 0]], "b.weight": [[1, 1]], "out.weight": [[1, 1]]}


def test_ties_across_layers_keep_the_layer_nearer_the_input() -> None:
    scores = {"a.weight": rows([1, 1]), "b.weight": rows([1, 1]), "out.weight": rows([1])}
    assert kept(Global(), scores, 0.4) == {"a.weight": [[1, 1]], "b.weight": [[1, 0]], "out.weight": [[0]]}


def test_a_global_scope_of_one_kind_leaves_the_others_whole() -> None:
    scores = {"a.weight": rows([9, 8, 7, 6]), "b.weight": rows([1, 2]), "out.weight": rows([0, 0])}
    assert kept(Global("conv"), scores, 0.5) == {
        "a.weight": [[1, 1, 0, 0]],
        "b.weight": [[1, 1]],
        "out.weight": [[1, 1]],
    }


def test_scores_and_masks_are_left_as_they_were() -> None:
    for scope in (Layerwise(), Global()):
        scores, masks = {"b.weight": rows([3, 1, 2])}, {"b.weight": torch.tensor([[True, True, False]])}
        scope.keep(scores, masks, KINDS, 0.5)
        assert scores["b.weight"].tolist() == [[3, 1, 2]]
        assert masks["b.weight"].tolist() == [[True, True, False]]


def test_a_name_that_is_no_layer_or_kind_is_refused() -> None:
    scores = {"b.weight": rows([1, 2])}
    with pytest.raises(SpecError, match=r"A factor names 'fc9', no layer or kind of what can go: \['a', 'b', 'conv'"):
        kept(Layerwise((("fc9", 0.5),)), scores, 0.5)
    with pytest.raises(SpecError, match=r"only was 'dense'; the kinds of this network are \['conv', 'fc', 'out'\]"):
        kept(Global("dense"), scores, 0.5)


def test_impossible_factors_are_refused() -> None:
    with pytest.raises(SpecError, match=r"The factor of 'out' was -0\.5"):
        Layerwise((("out", -0.5),))
    with pytest.raises(SpecError, match="at most 1, factor included"):
        kept(Layerwise((("fc", 3.0),)), {"b.weight": rows([1, 2])}, 0.5)


def densities(model: Model, data: Dataset, pruner: Pruner, levels: int) -> list[float]:
    """Return the densities, in per cent, of so many levels of the initial weights of one replicate."""
    params, _ = initial(model, data.shape, data.classes, (0,))
    layers = model.layers(data.shape, data.classes)
    weights = {name: params[name] for name in model.kinds(data.shape, data.classes)}
    masks, out = mask_rules.ones(weights), []
    for _ in range(levels):
        masks = pruner.prune(Subject(weights, masks, layers, (0,)), 0.2)
        out.append(round(100 * float(mask_rules.density(masks)[0]), 2))
    return out


def test_lenet_has_the_published_densities() -> None:
    published = (
        "80.04 64.06 51.28 41.05 32.87 26.32 21.07 16.88 13.52 10.83 8.68 6.95 5.57 4.47 3.58 2.87 2.31 1.85 1.49 1.19"
    )
    assert densities(LeNet(), MNIST(), PRUNER, 20) == [float(x) for x in published.split()]


def test_resnet_has_the_published_densities_of_all_its_weights() -> None:
    reached = densities(ResNet(), CIFAR10(), Pruner(scope=Global("conv")), 10)
    assert [round(reached[level - 1], 1) for level in (6, 10)] == [27.1, 11.8]
    assert reached[5] == round(100 * (267_696 * 0.8**6 + 3_200) / 270_896, 2)


@pytest.mark.parametrize(
    ("pairs", "conv", "published"),
    [(1, 0.5, [80.10]), (2, 0.5, [81.08, 65.84, 53.55]), (3, 0.75, [82.54, 68.20, 56.39])],
)
def test_convolutional_networks_have_the_published_densities(pairs: int, conv: float, published: list[float]) -> None:
    pruner = Pruner(scope=Layerwise((("conv", conv), ("out", 0.5))))
    assert densities(Conv(pairs), CIFAR10(), pruner, len(published)) == published


def test_the_tiny_networks_are_as_the_other_tests_take_them_to_be() -> None:
    assert (Grey.shape, Colour.shape) == ((1, 8, 8), (3, 16, 16))
    assert setting().model.kinds(Grey.shape, 4) == {"fc1.weight": "fc", "fc2.weight": "fc", "out.weight": "out"}


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 1, 1.3])
@pytest.mark.parametrize("kind", ["plain", "equal", "zeros", "nan", "infinite", "counted"])
def test_rows_chosen_from_one_by_one_keep_what_sorting_keeps(
    kind: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = torch.Generator().manual_seed(0)
    scores, held = torch.randn(3, 500, generator=drawn), torch.rand(3, 500, generator=drawn) < 0.6
    if kind == "equal":
        scores = scores.round()
    if kind == "zeros":
        scores = scores.sign().clamp(max=0) * 0.0
    if kind == "nan":
        scores[scores > 1] = torch.nan
    if kind == "infinite":
        scores[scores.abs() > 1] *= torch.inf
    sizes = held.long() if kind == "counted" else held
    left = (held.sum(1) * share).long()
    found = base.keep_best(scores, sizes, left)
    monkeypatch.setattr(base, "FEW", 0)
    assert found.equal(base.keep_best(scores, sizes, left))
    assert found.sum(1).tolist() == [min(counts) for counts in zip(left.tolist(), held.sum(1).tolist(), strict=True)]
