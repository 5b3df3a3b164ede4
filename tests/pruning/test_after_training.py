"""Criteria of trained networks: Optimal Brain Damage, Wanda and SparseGPT, by hand and against their definitions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tiny
import torch
from test_obs import layer, three
from tiny import setting

from lth_lib.data import Marked
from lth_lib.models import Transformer
from lth_lib.pruning.criteria import OBD, OBS, Magnitude, SparseGPT, Subject, Wanda
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import PerOutput
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError

KEPT = {"fc.weight": torch.tensor([[[True, False, True]]])}


def test_wanda_by_hand() -> None:
    # the second moments of the inputs are 2, 2 and 2, and 8 where the last is twice as large
    given = layer([3.0, -1.0, 2.0], torch.diag(torch.tensor([2.0, 2.0, 8.0])), [True] * 3)
    scores = Wanda().score(given)["fc.weight"].flatten()
    torch.testing.assert_close(scores, torch.tensor([3.0, 1.0, 4.0]).double() * 2**0.5)
    assert Pruner(Wanda(), scope=PerOutput()).prune(given, 1 / 3)["fc.weight"].flatten().tolist() == [True, False, True]


def test_where_all_inputs_are_as_large_wanda_is_magnitude() -> None:
    given = layer([0.5, -3.0, 2.0, -0.1], torch.eye(4), [True] * 4)
    assert tiny.same_tree(Pruner(Wanda()).prune(given, 0.5), Pruner(Magnitude()).prune(given, 0.5))


def test_sparsegpt_by_hand() -> None:
    # H is [[3, 1, 0], [1, 3, 0], [0, 0, 3]], its inverse [[3, -1, 0], [-1, 3, 0], [0, 0, 8/3]] / 8, and so U has the
    # squares 3/8, 3/8 - 1/24 = 1/3 and 1/3 on its diagonal, and beside the first -1/8 over its root
    scores = SparseGPT(damping=0.5).score(three())["fc.weight"].flatten().tolist()
    assert scores == pytest.approx([9 / (3 / 8), 1 / (1 / 3), 4 / (1 / 3)])
    without_first = {"fc.weight": torch.tensor([[[False, True, True]]])}
    solved = SparseGPT(damping=0.5).solve(three(), without_first)["fc.weight"].flatten().tolist()
    assert solved == pytest.approx([0, 1 + 3 * (1 / 8) / (3 / 8), 2])  # as Optimal Brain Surgeon does with the first


def test_what_comes_before_is_not_made_up_for() -> None:
    given, kept = three(), KEPT
    assert SparseGPT(damping=0.5).solve(given, kept)["fc.weight"].flatten().tolist() == pytest.approx([3, 0, 2])
    assert OBS(damping=0.5).solve(given, kept)["fc.weight"].flatten().tolist() == pytest.approx([10 / 3, 0, 2])


def _worse(given: Subject, found: Tree, moments: Tree) -> float:
    """Return the squared error of all layers' outputs that other weights make, by second moments."""
    total = 0.0
    for name, weight in found.items():
        off = (weight - given.weights[name]).double().flatten(2)
        total += float(torch.einsum("roi,rij,roj->", off, moments[name], off))
    return total


def test_its_error_is_between_those_of_no_update_and_of_the_best_one() -> None:
    given = tiny.subject(setting())
    masks = Pruner(Magnitude()).prune(given, 0.5)
    x, _ = given.asked.examples(100, "score", 0)
    moments = given.asked.moments(given.params, given.factors, x)
    left = {name: weight * masks[name] for name, weight in given.weights.items()}
    ways = {OBS: OBS(100, 1e-6).solve(given, masks), SparseGPT: SparseGPT(100, 1e-6).solve(given, masks), None: left}
    best, once, none = (_worse(given, found, moments) for found in ways.values())
    assert best < once < none


def test_obd_is_the_diagonal_of_the_hessian() -> None:
    given = tiny.subject(setting(), seeds=(0,))
    x, y = given.asked.examples(5, "score", 0)

    def loss(weight: torch.Tensor) -> torch.Tensor:
        return given.asked.loss(given.params | {"fc2.weight": weight}, given.factors, x, y).sum()

    weight = given.weights["fc2.weight"]
    hessian = torch.func.hessian(loss)(weight).reshape(weight.numel(), weight.numel())
    expected = hessian.diagonal().double() * weight.flatten().double().square() / 2
    torch.testing.assert_close(OBD(5).score(given)["fc2.weight"].flatten(), expected, rtol=1e-4, atol=1e-9)


def test_obd_reads_no_targets_and_refuses_outputs_that_are_no_classes() -> None:
    other = replace(setting(), data=Marked(), model=Transformer(tokens=9, width=8, depth=1))
    scored = OBD(2).score(tiny.subject(other))
    assert all(bool((score >= 0).all()) for score in scored.values()), "one class for each sequence will do"


@pytest.mark.parametrize("damping", [0.0, -1.0])
def test_a_damping_that_is_none_is_refused(damping: float) -> None:
    with pytest.raises(SpecError, match=r"damping was .*; it is a number above 0"):
        SparseGPT(damping=damping)


def test_each_round_scores_what_the_rounds_before_have_solved() -> None:
    given = tiny.subject(setting())
    x, _ = given.asked.examples(100, "score", 0)
    moments = given.asked.moments(given.params, given.factors, x)
    criterion = OBS(100, 1e-3)
    at_once, in_rounds = (Pruner(criterion).prune_to(given, 0.1, rounds) for rounds in (1, 10))
    errors = [_worse(given, criterion.solve(given, masks), moments) for masks in (at_once, in_rounds)]
    assert errors[1] < 0.9 * errors[0]
