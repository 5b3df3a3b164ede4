"""What scores whole units: l1 and l2 norms, the geometric median, and the scale of a batch normalisation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tiny
import torch
from tiny import Colour, setting

from lth_lib.models import Layer, ResNet, chained
from lth_lib.pruning.criteria import Criterion, GeometricMedian, Magnitude, Slimming, Squared, Subject, Taylor
from lth_lib.pruning.granularity import Unit, pool
from lth_lib.pruning.pruner import Pruner
from lth_lib.spec import SpecError

ROWS = [[3.0, 0.0], [-2.0, 2.0], [0.0, 2.5]]
"""Three units; their l1 norms are 3, 4 and 2.5, their squares' sums 9, 8 and 6.25."""


def two_layers(rows: list[list[float]]) -> Subject:
    first = torch.tensor([rows])
    weights = {"fc1.weight": first, "out.weight": torch.ones(1, 2, len(rows))}
    layers = chained(Layer("fc1", tuple(first.shape[1:]), "fc"), Layer("out", (2, len(rows)), "out"))
    masks = {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in weights.items()}
    return Subject(weights, masks, layers, (0,), params=weights)


@pytest.mark.parametrize(
    ("criterion", "lost"), [(Magnitude(), [2]), (Squared(), [2]), (GeometricMedian(), [2])], ids=str
)
def test_the_least_unit_goes(criterion: Criterion, lost: list[int]) -> None:
    masks = Pruner(criterion, Unit()).prune(two_layers(ROWS), 1 / 3)["fc1.weight"]
    assert (~masks[0].any(1)).nonzero().flatten().tolist() == lost
    assert masks[0].any(1).equal(masks[0].all(1)), "as a whole"


def test_the_l1_norm_and_the_l2_norm_rank_differently() -> None:
    given = two_layers([[3.0, 0.0], [-2.0, 2.0], [9.0, 9.0]])
    lost = [
        int((~Pruner(criterion, Unit()).prune(given, 1 / 3)["fc1.weight"][0].any(1)).nonzero())
        for criterion in (Magnitude(), Squared())
    ]
    assert lost == [0, 1]  # 3 < 4, but 9 > 8


def test_the_distances_to_all_other_units_by_hand() -> None:
    given = two_layers([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    scores = GeometricMedian().score(given)["fc1.weight"]
    assert scores[0].tolist() == [[15.0, 15.0], [10.0, 10.0], [15.0, 15.0]]
    assert Pruner(GeometricMedian(), Unit()).prune(given, 1 / 3)["fc1.weight"][0].any(1).tolist() == [True, False, True]


def test_what_is_masked_is_no_distance() -> None:
    given = two_layers([[0.0, 7.0], [3.0, 0.0], [6.0, 0.0]])
    given.masks["fc1.weight"][0, 0, 1] = False
    assert GeometricMedian().score(given)["fc1.weight"][0, :, 0].tolist() == [9.0, 6.0, 9.0]


def test_a_unit_matters_as_its_scale_does() -> None:
    given = tiny.subject(replace(setting(), data=Colour(), model=ResNet(n=1)), seeds=(0,))
    layer = next(one for one in given.layers if one.norm)
    scale = torch.linspace(-1, 2, layer.shape[0])[None]
    scores = Slimming().score(replace(given, params=given.params | {f"{layer.name}.scale": scale}))
    found = scores[f"{layer.name}.weight"]
    assert found.shape == given.weights[f"{layer.name}.weight"].shape
    assert found.flatten(2).std(2).max() == 0
    torch.testing.assert_close(found.flatten(2)[..., 0], scale.abs())
    assert scores["out.weight"].equal(given.weights["out.weight"].abs()), "nothing normalises the classes"


def test_units_without_batch_norm_are_refused_by_name() -> None:
    with pytest.raises(SpecError, match=r"the batch norm behind them, which fc1, fc2 have not; choose a network"):
        Slimming().score(tiny.subject(setting()))


def test_taylor_of_a_unit_adds_up_squares_where_opposite_effects_would_cancel() -> None:
    given = tiny.subject(setting())
    own, sums = Taylor(50).score(given)["fc1.weight"], pool(Taylor(50).score(given), Unit().groups(given.layers))
    torch.testing.assert_close(next(iter(sums.values())), own.flatten(2).sum(2))
    x, y = given.asked.examples(50, "score", 0)
    slope = torch.func.grad(lambda w: given.asked.loss(given.params | w, given.factors, x, y).sum())(given.weights)
    effects = (given.weights["fc1.weight"] * slope["fc1.weight"]).double()
    assert not torch.allclose(effects.sum(2).square(), own.sum(2), rtol=0.1)
