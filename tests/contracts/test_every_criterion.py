"""What every criterion must be, new ones included."""

from __future__ import annotations

from dataclasses import replace

import tiny
import torch
from examples import SETTINGS, every
from rows import ORDER, copy, permuted, rows_of, subject
from tiny import SEEDS, random_masks, same_tree, setting

from lth_lib import masks as mask_rules
from lth_lib.pruning.criteria import Criterion, Solver, Subject
from lth_lib.pruning.pruner import Pruner


def scored(value: Criterion, gone: float = 0.0) -> Subject:
    """Return what a criterion scores, some of it gone."""
    own = SETTINGS.get(type(value).__name__, setting())
    return tiny.subject(own, random_masks(own, gone) if gone else None, at=1)


@every(Criterion)
def test_a_criterion_gives_each_weight_a_score(value: Criterion) -> None:
    given = scored(value, 0.5)
    before = copy(given.weights), copy(given.masks)
    scores = value.score(given)
    assert {n: s.shape for n, s in scores.items()} == {n: w.shape for n, w in given.weights.items()}
    assert all(score.is_floating_point() and not score.isnan().any() for score in scores.values())
    assert same_tree(scores, value.score(given)), "scoring again gives the same"
    assert same_tree(given.weights, before[0])
    assert same_tree(given.masks, before[1])


@every(Criterion)
def test_a_criterion_scores_each_replicate_for_itself(value: Criterion) -> None:
    given = scored(value)
    other = rows_of(given, ORDER)
    scores, expected = value.score(other), permuted(value.score(given))
    for name, score in scores.items():
        torch.testing.assert_close(score, expected[name])


@every(Criterion)
def test_a_score_is_the_same_alone_beside_others_and_beside_one_that_diverged(value: Criterion) -> None:
    given = scored(value, 0.5)
    scores, rows = value.score(given), range(len(SEEDS))
    for row in rows:
        alone = value.score(rows_of(given, [row]))
        assert same_tree(alone, {name: score[row : row + 1] for name, score in scores.items()})
    weights = copy(given.weights)
    for weight in weights.values():
        weight[1] = torch.nan
    beside = value.score(replace(given, weights=weights))
    for name, score in beside.items():
        assert torch.equal(score[[0, 2]], scores[name][[0, 2]])
        unread = torch.equal(score[1], scores[name][1])
        assert unread or score[1].isnan().all(), "it does not read weights, or finds none"


@every(Solver)
def test_a_solver_makes_up_for_what_goes_in_each_replicate_for_itself(value: Solver) -> None:
    given = subject(random_masks(setting(), 0.3))
    masks = Pruner(value).prune(given, 0.5)
    before = copy(given.weights), copy(masks)
    found = value.solve(given, masks)
    assert {n: (s.shape, s.dtype) for n, s in found.items()} == {n: (w.shape, w.dtype) for n, w in before[0].items()}
    assert mask_rules.violations(found, masks) == 0
    assert any((found[name] != given.weights[name] * mask).any() for name, mask in masks.items()), "it solves"
    assert same_tree(found, value.solve(given, masks)), "solving again gives the same"
    assert same_tree(given.weights, before[0])
    assert same_tree(masks, before[1])
    for row in range(len(SEEDS)):
        alone = value.solve(rows_of(given, [row]), {name: mask[row : row + 1] for name, mask in masks.items()})
        assert same_tree(alone, {name: weight[row : row + 1] for name, weight in found.items()})
    weights = copy(given.weights)
    for weight in weights.values():
        weight[1] = torch.nan
    beside = value.solve(replace(given, weights=weights), masks)
    for name, weight in beside.items():
        assert torch.equal(weight[[0, 2]], found[name][[0, 2]])
        assert weight[1][masks[name][1]].isnan().all()
