"""Pruning before training: scored at the initial weights, trained, stored, and controlled as any other ticket."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.studies import reinitialised, shuffled
from lth_lib.experiments.weights import Constant, Final, Signed
from lth_lib.pruning.criteria import SNIP, Criterion, GraSP, Inverted, SynFlow, Taylor
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.spec import SpecError

START = Run(setting(), until=0, seeds=SEEDS)


def ticket(criterion: Criterion, rounds: int = 1) -> Run:
    pruned = Pruned(START, Pruner(criterion, scope=Global()), 0.5, rounds)
    return Run(setting(), Ticket(pruned), seeds=SEEDS)


@pytest.mark.parametrize(
    "run",
    [ticket(SNIP()), ticket(GraSP()), ticket(SynFlow(), 3), ticket(Taylor()), ticket(Inverted(SNIP()))],
    ids=lambda run: type(run.ticket.masks.pruner.criterion).__name__,
)
def test_a_network_is_pruned_at_its_initialisation_and_trained_with_its_controls(run: Run, tmp_path: Path) -> None:
    store, controls = tiny.store(tmp_path), [reinitialised(run), shuffled(run)]
    results = compute([run, *controls], store, train=True, progress=False)
    masks = results[run].masks
    assert masks is not None
    assert isinstance(run.ticket.masks, Pruned)
    scored = tiny.subject(setting())
    assert tiny.same_tree(masks, run.ticket.masks.pruner.prune(scored, 0.5, run.ticket.masks.rounds))
    np.testing.assert_allclose(mask_rules.density(masks), 0.5**run.level, atol=1e-3)
    for one in (run, *controls):
        density = results[one].metrics["density"]
        np.testing.assert_array_equal(density, np.broadcast_to(mask_rules.density(masks), density.shape))
        assert results[one].metrics["final_train_accuracy"].min() > 0.3, "chance is a quarter"
    ends = [results[one].metrics["valid_loss"][-1] for one in (run, *controls)]
    assert not np.array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])
    assert store.read(START).metrics["step"].tolist() == [0]
    assert store.verify() == []


def test_what_finished_runs_give_is_on_the_device_that_trains(tmp_path: Path) -> None:
    store, run = tiny.store(tmp_path), ticket(SNIP())
    compute([run], store, train=True, progress=False)
    there = Engine(store, "meta", 60, progress=False, train=False)
    params, _ = there.weights(run)
    stored = there.masks(run.ticket.masks, run)

    assert {value.device.type for tree in (params, stored) for value in tree.values()} == {"meta"}


def test_more_examples_than_there_are_are_refused_before_anything_trains(tmp_path: Path) -> None:
    store = tiny.store(tmp_path)
    pruned = Pruned(Run(setting(), seeds=SEEDS), Pruner(SNIP(201)), 0.5)
    last = reinitialised(Run(setting(), Ticket(pruned), seeds=SEEDS))
    with pytest.raises(SpecError, match="201 examples of Grey, which has 200 to train"):
        compute([shuffled(last)], store, train=True, progress=False)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_synflow_meets_a_density_in_a_hundred_rounds(tmp_path: Path) -> None:
    run = Run(
        setting(), Ticket(Pruned(START, Pruner(SynFlow(), scope=Global()), density=0.05, rounds=100)), seeds=SEEDS
    )
    masks = compute([run], tiny.store(tmp_path), train=True, progress=False)[run].masks
    assert masks is not None
    kept = sum(int(mask[0].sum()) for mask in masks.values())
    assert kept == round(0.05 * sum(mask[0].numel() for mask in masks.values()))
    assert all(mask.flatten(1).any(1).all() for mask in masks.values())


def test_signs_alone_and_masks_that_are_taken_over_are_trained_and_stored(tmp_path: Path) -> None:
    store, found = tiny.store(tmp_path), ticket(SNIP())
    signs = Run(setting(), Ticket(found.ticket.masks, Signed(Initial(), Constant())), seeds=SEEDS)
    tuned = Run(setting(), Ticket(Kept(found), Final(found)), seeds=SEEDS)
    results = compute([signs, tuned], store, train=True, progress=False)
    for run in (signs, tuned):
        density = results[run].metrics["density"]
        np.testing.assert_allclose(density, 0.5, atol=1e-3)
        assert results[run].metrics["final_train_accuracy"].min() > 0.3
    assert [result.masks is None for result in (results[signs], results[tuned], store.read(found))] == [
        False,
        True,
        True,
    ]
    assert store.verify() == []
