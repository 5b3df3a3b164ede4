"""Optimal Brain Surgeon as a ticket: the weights that the pruner leaves behind, stored and resumed as any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib import masks as mask_rules
from lth_lib.experiments.facts import when
from lth_lib.experiments.masks import Pruned, Shuffled
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.weights import Final, Solved
from lth_lib.pruning.criteria import OBS, Magnitude
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.results import engine
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.spec import SpecError
from lth_lib.training.train import Trainer

DENSE = Run(setting(), seeds=SEEDS)
PRUNED = Pruned(DENSE, Pruner(OBS(100)), 0.8)
SOLVED = replace(DENSE, ticket=Ticket(PRUNED, Solved(PRUNED)))
MASKED = replace(DENSE, ticket=Ticket(PRUNED, Final(DENSE)))


def test_what_is_solved_begins_nearer_to_the_dense_network_than_what_is_only_masked(tmp_path: Path) -> None:
    store = tiny.store(tmp_path)
    results = compute([SOLVED, MASKED], store, train=True, progress=False)
    solved, masked = results[SOLVED], results[MASKED]
    assert (solved.metrics["step"][0], solved.metrics["step"][-1]) == (0, 40)
    np.testing.assert_array_equal(solved.metrics["density"], masked.metrics["density"])
    dense = store.read(DENSE).metrics["valid_loss"][-1]
    assert np.mean(solved.metrics["valid_loss"][0] - dense) < np.mean(masked.metrics["valid_loss"][0] - dense)
    ends, _ = Engine(store, "cpu", 60, progress=False, train=False).weights(SOLVED)
    assert mask_rules.violations(ends, Engine(store, "cpu", 60, progress=False, train=False).end_masks(SOLVED)) == 0
    assert when(SOLVED) == when(MASKED) == "after"
    assert store.verify() == []


class Killed(Exception):
    """The process is gone."""


def test_a_training_that_is_killed_goes_on_to_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, broken = tiny.store(tmp_path / "whole"), tiny.store(tmp_path / "broken")
    for store in (whole, broken):
        compute([DENSE], store, train=True, progress=False)
    compute([SOLVED], whole, train=True, progress=False)

    def killed(training: Trainer, until: int) -> None:
        if training.state.step >= 20:
            raise Killed
        advance(training, until)

    advance = Trainer.advance
    monkeypatch.setattr(engine.Trainer, "advance", killed)
    with pytest.raises(Killed):
        compute([SOLVED], broken, train=True, progress=False, checkpoint_every=0)
    assert broken.checkpoints(SOLVED.digest).exists()
    monkeypatch.setattr(engine.Trainer, "advance", advance)
    compute([SOLVED], broken, train=True, progress=False)
    assert tiny.same_result(SOLVED, whole, broken)


def test_other_masks_are_made_up_for_in_the_same_way(tmp_path: Path) -> None:
    moved = Shuffled(PRUNED)
    helped = replace(DENSE, ticket=Ticket(moved, Solved(PRUNED, moved)))
    alone = replace(DENSE, ticket=Ticket(moved, Final(DENSE)))
    store = tiny.store(tmp_path)
    results = compute([SOLVED, helped, alone], store, train=True, progress=False)
    loss = {run: results[run].metrics["valid_loss"][0].mean() for run in (SOLVED, helped, alone)}
    assert loss[SOLVED] < loss[helped] < loss[alone], "the choice matters, and so does what the others make up for"
    np.testing.assert_array_equal(results[helped].metrics["density"], results[SOLVED].metrics["density"])
    assert helped.digest not in (SOLVED.digest, alone.digest)


def test_of_whole_units_the_biases_go_with_the_weights(tmp_path: Path) -> None:
    pruned = Pruned(DENSE, Pruner(OBS(100), Unit()), 0.5)
    run = replace(DENSE, ticket=Ticket(pruned, Solved(pruned)))
    store = tiny.store(tmp_path)
    masks = compute([run], store, train=True, progress=False)[run].masks
    assert masks is not None
    assert "fc1.bias" in masks
    ends, _ = Engine(store, "cpu", 60, progress=False, train=False).weights(run)
    assert mask_rules.violations(ends, masks) == 0


def test_a_criterion_that_solves_nothing_is_refused_and_a_batch_that_is_not_there() -> None:
    with pytest.raises(SpecError, match=r"pruned by Magnitude\(\), which leaves the weights as they are; prune by"):
        Solved(Pruned(DENSE, Pruner(Magnitude()), 0.5))
    assert PRUNED.asks == 100
