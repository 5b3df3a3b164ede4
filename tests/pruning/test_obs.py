"""Optimal Brain Surgeon, worked by hand on three weights, and what must hold of any layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
import tiny
import torch
from tiny import SEEDS, setting

from lth_lib.data import Marked
from lth_lib.models import Conv, Layer, LeNet, Model, Transformer
from lth_lib.pruning.criteria import OBS, Magnitude, Random, Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError

WEIGHTS = [3.0, 1.0, 2.0]
MOMENT = [[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 2.0]]
"""What the first two inputs share, a third of each, and the last is apart; damped by a half it is 3 on the diagonal."""


@dataclass(frozen=True)
class Reads:
    """What one replicate's layer of one output reads, by its second moments."""

    moment: torch.Tensor

    def examples(self, count: int, *purpose: int | str) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.zeros(1, count), torch.zeros(1, count)

    def moments(self, params: Tree, masks: Tree, x: torch.Tensor) -> Tree:
        return {"fc.weight": self.moment[None]}


def layer(weights: list[float], moment: torch.Tensor, kept: list[bool]) -> Subject:
    own, masks = {"fc.weight": torch.tensor([[weights]])}, {"fc.weight": torch.tensor([[kept]])}
    layers = (Layer("fc", (1, len(weights)), "fc"),)
    return Subject(own, masks, layers, (0,), params=own, probe=Reads(moment.double()))


def three(kept: list[bool] | None = None) -> Subject:
    return layer(WEIGHTS, torch.tensor(MOMENT), kept or [True, True, True])


def test_scores_are_those_worked_by_hand() -> None:
    # the inverse of [[3, 1], [1, 3]] is [[3, -1], [-1, 3]] / 8, and that of [[3]] is 1 / 3
    scores = OBS(damping=0.5).score(three())["fc.weight"].flatten().tolist()
    assert scores == pytest.approx([9 / 2 / (3 / 8), 1 / 2 / (3 / 8), 4 / 2 / (1 / 3)])


def test_scores_are_among_the_weights_that_are_still_there() -> None:
    scores = OBS(damping=0.5).score(three([False, True, True]))["fc.weight"].flatten().tolist()
    assert scores[1:] == pytest.approx([1 / 2 / (1 / 3), 4 / 2 / (1 / 3)])


def test_the_surviving_weights_are_those_worked_by_hand() -> None:
    # without the second weight the first does a third of its work, as 3 w' = 3 x 3 + 1 x 1 says; the last is as it was
    masks = {"fc.weight": torch.tensor([[[True, False, True]]])}
    assert OBS(damping=0.5).solve(three(), masks)["fc.weight"].flatten().tolist() == pytest.approx([10 / 3, 0, 2])


def test_one_weight_that_goes_costs_its_score_and_moves_the_others_as_the_paper_says() -> None:
    """Hassibi & Stork 1993, equation 5: the change is -w_q / [H^-1]_qq times the column q of H^-1."""
    criterion, damped = OBS(damping=0.5), torch.tensor(MOMENT).double() + torch.eye(3)
    inverse, w = damped.inverse(), torch.tensor(WEIGHTS).double()
    for gone in range(3):
        kept = torch.arange(3) != gone
        change = criterion.solve(three(), {"fc.weight": kept.view(1, 1, 3)})["fc.weight"].flatten().double() - w
        torch.testing.assert_close(change, -w[gone] / inverse[gone, gone] * inverse[:, gone], rtol=1e-6, atol=1e-6)
        cost = criterion.score(three())["fc.weight"].flatten()[gone]
        torch.testing.assert_close(change @ damped @ change / 2, cost, rtol=1e-6, atol=0)


def test_where_inputs_share_nothing_it_is_magnitude_and_changes_nothing() -> None:
    given = layer([0.5, -3.0, 2.0, -0.1], 7 * torch.eye(4), [True] * 4)
    masks = Pruner(OBS()).prune(given, 0.5)
    assert masks["fc.weight"].flatten().tolist() == [False, True, True, False]
    assert tiny.same_tree(masks, Pruner(Magnitude()).prune(given, 0.5))
    assert torch.allclose(OBS().solve(given, masks)["fc.weight"], given.weights["fc.weight"] * masks["fc.weight"])


def test_what_reads_nothing_is_left_as_it_is() -> None:
    given = layer(WEIGHTS, torch.zeros(3, 3), [True] * 3)
    masks = Pruner(OBS()).prune(given, 0.4)
    assert masks["fc.weight"].flatten().tolist() == [True, False, True]
    assert OBS().solve(given, masks)["fc.weight"].flatten().tolist() == [3, 0, 2]


def test_an_output_that_keeps_nothing_is_zero() -> None:
    masks = {"fc.weight": torch.tensor([[[False, False, False]]])}
    assert OBS().solve(three(), masks)["fc.weight"].flatten().tolist() == [0, 0, 0]


@pytest.mark.parametrize("criterion", [OBS(100), OBS(100, damping=10.0)], ids=str)
@pytest.mark.parametrize("model", [LeNet((16, 8)), Conv(1, (8,), 8)], ids=str)
def test_solved_layers_err_less_than_masked_ones_and_no_change_of_a_survivor_is_better(
    criterion: OBS, model: Model
) -> None:
    given = tiny.subject(replace(setting(), model=model))
    masks = Pruner(Random()).prune(given, 0.6)
    solved = criterion.solve(given, masks)
    x, _ = given.asked.examples(100, "score", 0)
    for name, moment in given.asked.moments(given.params, given.factors, x).items():
        before, keep = given.weights[name].double().flatten(2), masks[name].flatten(2)

        def error(weights: torch.Tensor, before: torch.Tensor = before, h: torch.Tensor = moment) -> torch.Tensor:
            change = weights.double().flatten(2) - before
            return torch.einsum("roi,rij,roj->ro", change, h, change)

        left, masked = error(solved[name]), error(given.weights[name] * masks[name])
        assert (left <= masked * (1 + 1e-6)).all()
        assert left.sum() < masked.sum()
        added = criterion.damping * moment.diagonal(dim1=1, dim2=2).mean(1)[:, None, None]
        change = solved[name].double().flatten(2) - before
        slope = change @ moment + added * change
        assert slope[keep].abs().max() < 1e-3 * slope.abs().max(), "of what is minimised, but for float32"


def test_dead_inputs_and_fewer_examples_than_inputs_are_no_harm() -> None:
    given = tiny.subject(setting())
    masks = Pruner(OBS(5)).prune(given, 0.5)
    assert all(weight.isfinite().all() for weight in OBS(5).solve(given, masks).values())


def test_what_cannot_be_solved_is_refused() -> None:
    with pytest.raises(SpecError, match=r"damping was 0\.0; it is a number above 0"):
        OBS(damping=0.0)
    with pytest.raises(SpecError, match="too alike for this damping"):
        OBS(5, damping=1e-30).score(tiny.subject(setting()))
    sequences = replace(setting(), data=Marked(), model=Transformer(tokens=9, width=8, depth=1))
    with pytest.raises(SpecError, match=r"products of token\.weight are those of embedding"):
        OBS(5).score(tiny.subject(sequences, seeds=SEEDS[:1]))
