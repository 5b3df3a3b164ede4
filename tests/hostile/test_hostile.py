"""What a file holds is read and never run, and what would run is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from checkpoints import begun, place
from kept import DENSE, TICKET, rehash, write

import lth_lib.__main__ as app
from lth_lib.experiments.measure import InputConnections
from lth_lib.results import checkpoint, compute
from lth_lib.results.store import Store, StoreError

QUESTION = InputConnections(DENSE)


@pytest.mark.parametrize("name", ["metrics.npz", "masks.npz"])
def test_a_result_runs_nothing_and_is_named(
    name: str, hostile: bytes, store: Store, mark: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(store)
    (folder / name).write_bytes(hostile)
    rehash(folder)
    (fault,) = store.verify()
    assert str(folder / name) in fault
    assert "cannot be read" in fault
    acts = {"masks.npz": lambda: store.find_masks(TICKET.ticket.masks), "metrics.npz": lambda: store.read(TICKET)}
    with pytest.raises(StoreError, match=f"{folder / name} cannot be read"):
        acts[name]()
    assert app.main(["verify"]) == 1
    assert str(folder / name) in capsys.readouterr().err
    assert not mark.exists()


def test_a_measurement_runs_nothing_and_is_named(hostile: bytes, store: Store, mark: Path) -> None:
    store.write_answer(QUESTION, {"kept": np.ones(3)}, {})
    folder = store.folder(QUESTION)
    (folder / "values.npz").write_bytes(hostile)
    rehash(folder)
    assert len(store.verify()) == 1
    with pytest.raises(StoreError, match=f"{folder / 'values.npz'} cannot be read"):
        compute.compute([QUESTION], store)
    assert not mark.exists()


def test_weights_run_nothing_and_are_made_again(hostile: bytes, store: Store, mark: Path, tmp_path: Path) -> None:
    whole = tiny.store(tmp_path / "whole")
    runs = [DENSE, TICKET]
    compute.compute(runs, whole, train=True, progress=False)
    compute.compute(runs[:1], store, train=True, progress=False)
    weights = store.scratch / "weights" / f"{DENSE.digest}.weights"
    weights.write_bytes(hostile)
    with pytest.warns(UserWarning, match="set aside"):
        compute.compute(runs, store, train=True, progress=False)
    assert weights.with_suffix(".damaged").read_bytes() == hostile
    assert all(tiny.same_result(run, store, whole) for run in runs)
    assert not mark.exists()


def test_a_checkpoint_runs_nothing_and_the_one_before_is_used(hostile: bytes, mark: Path, tmp_path: Path) -> None:
    first, second = begun(tmp_path)
    path = place(tmp_path, 20, hostile)
    with pytest.warns(UserWarning, match=f"{path} is no file of tensors .* set aside"):
        assert checkpoint.resume(tmp_path, second.state)
    assert path.with_suffix(".damaged").exists()
    assert second.state.step == 10
    assert tiny.same_tree(first.state.params, second.state.params)
    assert not mark.exists()
