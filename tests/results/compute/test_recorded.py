"""A result holds what was recorded, of a training that went wrong too."""

from __future__ import annotations

import numba
import numpy as np
import pytest
import tiny
import torch
from short import chain, trained
from tiny import SEEDS, setting

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.pruning.pruner import Pruner
from lth_lib.results.provenance import source
from lth_lib.results.store import Store
from lth_lib.training import kernels, recipe
from lth_lib.training.recipe import Rate
from lth_lib.training.train import PER_SEGMENT, Trainer


def test_a_result_holds_what_was_recorded(store: Store) -> None:
    _, run = chain()
    result = trained([run], store)[run]
    metrics = result.metrics
    assert metrics["step"].tolist() == [0, 10, 20, 30, 40]
    assert all(metrics[name].shape == (5, 3) for name in (*PER_SEGMENT, "density"))
    at_end = metrics["final_test_accuracy"]
    np.testing.assert_array_equal(at_end, metrics["test_accuracy"][-1])
    best = metrics["valid_loss"].argmin(0)
    assert metrics["best_step"].tolist() == metrics["step"][best].tolist()
    top = metrics["valid_accuracy"].argmax(0)
    assert metrics["top_step"].tolist() == metrics["step"][top].tolist()
    assert metrics["top_test_accuracy"].shape == (3,)
    assert (metrics["diverged_at"] == -1).all()
    assert result.masks is not None
    assert {name: share.tolist() for name, share in result.layer_density.items()} == {
        name: mask.flatten(1).double().mean(1).tolist() for name, mask in result.masks.items()
    }
    assert result.empty_layers == ()
    assert result.provenance["threads"] == torch.get_num_threads()
    assert result.provenance["denormals"] == "flushed"
    assert (result.provenance["kernel"], result.provenance["numba"]) == ("CompiledKernel", numba.__version__)
    assert result.provenance["source"] == source()
    assert not (store.scratch / "checkpoints" / run.digest).exists(), "checkpoints of a finished run are dropped"


def test_weights_that_are_the_best_and_the_last_are_evaluated_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate, counted = Trainer.evaluate, []
    monkeypatch.setattr(Trainer, "evaluate", lambda *given: counted.append(given) or evaluate(*given))
    run = Run(setting(), until=0, seeds=SEEDS)
    metrics = trained([run], store)[run].metrics
    assert len(counted) == 2 + 2, "once when it begins, on what validates and tests, and once at its end"
    for split in ("train", "test"):
        np.testing.assert_array_equal(metrics[f"best_{split}_accuracy"], metrics[f"final_{split}_accuracy"])


def test_a_result_names_the_kernel_that_trained_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = chain()
    monkeypatch.setattr(kernels, "_numba", lambda: False)
    about = trained([run], store)[run].provenance
    assert about["kernel"] == "LoopedKernel"
    assert "numba" not in about


def test_a_violated_mask_stops_the_run_and_nothing_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain()
    trained(runs[:1], store)
    advance = Trainer.advance

    def spoil(trainer: Trainer, until: int) -> None:
        advance(trainer, until)
        trainer.state.params["fc1.weight"] += 1e-6

    monkeypatch.setattr(Trainer, "advance", spoil)
    with pytest.raises(RuntimeError, match="masked entries are not zero"):
        trained(runs, store)
    assert not store.has(runs[1])
    assert not (store.scratch / "checkpoints" / runs[1].digest).exists()


def test_a_diverged_parent_freezes_the_replicate_of_its_child(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain()
    whole = tiny.store(store.results.parent / "whole")
    trained(runs, whole)

    def poisoned(*arguments: object) -> tuple:
        params, statistics = as_ever(*arguments)
        params["fc2.weight"][1:2] = torch.inf  # a network that is tried alone has one row
        return params, statistics

    as_ever = recipe.initial
    with monkeypatch.context() as poison:
        poison.setattr(recipe, "initial", poisoned)
        trained(runs[:1], store)
    results = trained(runs, store)
    assert results[runs[0]].metrics["diverged_at"].tolist() == [-1, 0, -1]
    child, sound = results[runs[1]].metrics, whole.read(runs[1]).metrics
    assert child["diverged_at"].tolist() == [-1, 0, -1]
    for name in (*PER_SEGMENT, "density"):
        np.testing.assert_array_equal(child[name][:, [0, 2]], sound[name][:, [0, 2]])
    assert all(np.isnan(child[name][:, 1]).all() for name in PER_SEGMENT)
    assert np.isnan(child["final_test_accuracy"][1])
    assert store.verify() == [], "NaN is allowed there"


def test_a_layer_with_nothing_left_is_named(store: Store) -> None:
    run = chain(rate=0.99)[1]
    result = trained([run], store)[run]
    assert result.empty_layers == tuple((seed, "out.weight") for seed in SEEDS)
    assert np.isfinite(result.metrics["valid_loss"]).all(), "a result, not an error"
    assert store.verify() == []


def test_a_run_of_no_steps_is_its_beginning(store: Store) -> None:
    run = Run(setting(), until=0, seeds=SEEDS)
    result = trained([run], store)[run]
    assert result.metrics["step"].tolist() == [0]
    kept = store.read_weights(run.digest) or {}
    weights = {name: value for name, value in kept.items() if not name.startswith("metrics/")}
    params, _ = tiny.weights_of(setting())
    assert tiny.same_tree(weights, {f"params/{name}": value for name, value in params.items()})


def test_a_loss_that_ceases_to_be_finite_with_the_last_step_is_recorded(store: Store) -> None:
    run = Run(setting(tiny.SGDM, rate=Rate(1e38), steps=1), seeds=SEEDS)
    metrics = trained([run], store)[run].metrics
    assert metrics["diverged_at"].tolist() == [1, 1, 1]
    assert np.isnan(metrics["final_test_accuracy"]).all()
    assert np.isfinite(metrics["best_test_accuracy"]).all(), "before that it was well"
    child = Run(setting(), Ticket(Pruned(run, Pruner(), 0.5)), seeds=SEEDS)
    metrics = trained([child], store)[child].metrics
    assert metrics["diverged_at"].tolist() == [0, 0, 0]
    assert np.isnan(metrics["best_test_accuracy"]).all(), "it never had a loss"
    assert store.verify() == [], "NaN is allowed there"
