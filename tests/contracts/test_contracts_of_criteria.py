"""What every criterion must be, new ones included; and a class that is added is tested because it exists."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
import test_contracts_of_specs as specs
import torch
from subclassed import BASES, ORDER, copy, every, examples, permuted, rows_of, subclasses, subject
from tiny import SEEDS, random_masks, same_tree, setting

from lth_lib import masks as mask_rules
from lth_lib.pruning.criteria import Criterion, Solver, Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.replicates import Tree
from lth_lib.spec import Spec


@every(Criterion)
def test_a_criterion_gives_each_weight_a_score(value: Criterion) -> None:
    given = subject(random_masks(setting(), 0.5))
    before = copy(given.weights), copy(given.masks)
    scores = value.score(given)
    assert {n: s.shape for n, s in scores.items()} == {n: w.shape for n, w in given.weights.items()}
    assert all(score.is_floating_point() and not score.isnan().any() for score in scores.values())
    assert same_tree(scores, value.score(given)), "scoring again gives the same"
    assert same_tree(given.weights, before[0])
    assert same_tree(given.masks, before[1])


@every(Criterion)
def test_a_criterion_scores_each_replicate_for_itself(value: Criterion) -> None:
    given = subject()
    other = rows_of(given, ORDER)
    scores, expected = value.score(other), permuted(value.score(given))
    for name, score in scores.items():
        torch.testing.assert_close(score, expected[name])


@every(Criterion)
def test_a_score_is_the_same_alone_beside_others_and_beside_one_that_diverged(value: Criterion) -> None:
    given = subject(random_masks(setting(), 0.5))
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


def test_the_walk_finds_the_classes_there_are() -> None:
    found = {type(value).__name__ for base in BASES for value in examples(base)}
    criteria = "Magnitude Random SNIP GraSP SynFlow Taylor OBS Inverted"
    pruning = "Weight Unit Channel Layerwise Global ERK Neighbours Geometric OneShot Masked Popup Gradual"
    assert {*criteria.split(), *pruning.split(), "LeNet", "Conv", "ResNet", "VGG", "SGD", "Adam"} <= found
    assert {"Criterion", "Dataset", "Pruner", "Run", "Crops"} <= {one.__name__ for one in subclasses(Spec)}


def test_a_class_that_is_added_is_tested_because_it_exists() -> None:
    @dataclasses.dataclass(frozen=True)
    class Invented(Criterion):
        def score(self, subject: Subject) -> Tree:
            return {name: weight.flip(0) for name, weight in subject.weights.items()}

    assert Invented not in subclasses(Criterion), "what tests define is no part of the library"
    Invented.__module__ = "lth_lib.pruning.criteria"
    try:
        assert Invented in subclasses(Criterion)
        assert Invented in subclasses(Spec)
        value = next(value for value in examples(Criterion) if type(value) is Invented)
        with pytest.raises(AssertionError):  # it mixes the replicates
            test_a_criterion_scores_each_replicate_for_itself(value)
        with pytest.raises(AssertionError, match="docstring"):
            specs.test_a_spec_is_a_frozen_dataclass_with_a_docstring_of_its_own(Invented)
    finally:
        Invented.__module__ = __name__
