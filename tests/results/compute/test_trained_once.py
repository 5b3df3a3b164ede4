"""A run is trained once, after what it is made from, and only with leave."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny
from short import chain, trained

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import reinitialised, shuffled
from lth_lib.results import compute, ending, engine
from lth_lib.results.compute import Missing
from lth_lib.results.store import Store, StoreError


def forbid_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a Trainer was built")

    monkeypatch.setattr(engine, "Trainer", refuse)


def test_without_leave_to_train_it_says_how_many_are_missing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain(levels=2)
    trained(runs[:1], store)
    forbid_training(monkeypatch)
    with pytest.raises(Missing, match=r"2 of 3 runs are not stored .*make compute"):
        compute.compute(runs, store)
    found = compute.compute(runs, store, partial=True)
    assert list(found) == runs[:1]
    assert runs[0] in found
    assert runs[1] not in found
    with pytest.raises(KeyError):
        found[runs[1]]


def test_what_is_stored_is_not_trained_again(store: Store, monkeypatch: pytest.MonkeyPatch, begun: list[Run]) -> None:
    runs = chain()
    first = trained(runs, store)
    assert begun == runs
    forbid_training(monkeypatch)
    again = trained(chain(), store)
    assert len(again) == 2
    assert all(tiny.same_metrics(first[run], again[run]) for run in runs)
    assert len(compute.compute(runs, store)) == 2


def test_parents_are_trained_first_and_each_once(store: Store, begun: list[Run]) -> None:
    runs = chain(levels=2)
    results = trained([runs[2], runs[2], runs[1]], store)
    assert begun == runs
    assert list(results) == [runs[2], runs[1]]
    assert store.has(runs[0])
    assert store.verify() == []


@pytest.mark.parametrize("control", [reinitialised, shuffled])
def test_a_control_is_made_from_stored_masks_without_ancestors(control: type, store: Store, begun: list[Run]) -> None:
    runs = chain(levels=2)
    trained(runs, store)
    shutil.rmtree(store.scratch)
    begun.clear()
    run = control(runs[2])
    result = trained([run], store)[run]
    assert begun == [run]
    assert result.masks is None, "masks that can be made from stored ones are not stored twice"
    ticket = store.read(runs[2])
    for name, share in result.layer_density.items():
        np.testing.assert_array_equal(share, ticket.layer_density[name])


def test_a_control_alone_trains_the_ancestors_it_needs_and_keeps_the_masks(store: Store, begun: list[Run]) -> None:
    runs = chain(levels=2)
    run = reinitialised(runs[2])
    result = trained([run], store)[run]
    assert begun == [*runs[:2], run]
    assert result.masks is not None


def test_weights_are_made_again_where_scratch_is_gone(store: Store, begun: list[Run], tmp_path: Path) -> None:
    runs = chain()
    trained(runs[:1], store)
    before = {path.name: path.read_bytes() for path in store.folder(runs[0]).iterdir()}
    shutil.rmtree(store.scratch)
    begun.clear()
    trained(runs, store)
    assert begun == [runs[1], runs[0]] or begun == runs
    assert {path.name: path.read_bytes() for path in store.folder(runs[0]).iterdir()} == before
    other = tiny.store(tmp_path / "other")
    trained(runs, other)
    assert all(tiny.same_result(run, store, other) for run in runs)


def test_a_result_that_is_not_whole_is_an_error_and_not_left_out(store: Store) -> None:
    run = chain()[0]
    trained([run], store)
    (store.folder(run) / "SHA256SUMS.json").unlink()
    with pytest.raises(StoreError, match="remove the folder"):
        trained([run], store)


def test_masks_too_large_to_store_are_made_again(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain(levels=2)
    runs.append(shuffled(runs[2]))
    whole = tiny.store(tmp_path / "whole")
    trained(runs, whole)
    monkeypatch.setattr(ending, "MASK_BYTES", 0)
    trained(runs, store)
    assert all(store.read(run).masks is None for run in runs)
    assert all(tiny.same_metrics(store.read(run), whole.read(run)) for run in runs)
