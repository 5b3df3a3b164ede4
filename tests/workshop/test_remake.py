"""What is trained again is compared with what is committed, replicate by replicate."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny

from lth_lib.experiments.studies import imp, original
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results.compute import Missing, compute
from lth_lib.results.provenance import commit, source
from lth_lib.results.store import StoreError
from lth_lib.spec import SpecError
from lth_lib.workshop import machine_file, remake
from lth_lib.workshop.remake import kernels
from lth_lib.workshop.remake import runs as again


def test_the_chains_are_the_studys() -> None:
    runs = remake.chains(7)
    assert [run.level for run in runs] == [*range(8)] * 3, "block after block, parents before children"
    assert set(runs) <= set(original("paper").runs)
    assert {run.seeds[0] for run in remake.chains(1, [5, 10])} == {5, 10}
    assert [run.seeds[0] for run in remake.chains(8) if run.level == 8] == [0], "later blocks end at level 7"


@pytest.mark.parametrize(("given", "said"), [((21,), "0 to 20"), ((-1,), "0 to 20"), ((1, [3]), r"\[0, 5, 10\]")])
def test_what_the_study_has_not_is_refused(given: tuple[int, ...], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        remake.chains(*given)


def test_the_same_machine_makes_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = imp(tiny.setting(steps=10), Pruner(), Geometric(0.5, 1), seeds=tiny.SEEDS)
    store = tiny.store(tmp_path / "committed")
    compute(runs, store, train=True, progress=False)
    monkeypatch.setattr(again, "committed", lambda: store)
    monkeypatch.setattr(again, "FOLDER", tmp_path)
    found = remake.remake(runs, tmp_path / "again", progress=False)
    (own,) = (tmp_path / "again").iterdir()
    assert own.name == f"cpu-{source()}", "trained again, into a store of its own"
    assert len(list((own / "results" / "runs").iterdir())) == 2
    assert [row["level"] for row in found["runs"]] == [0, 1]
    for row in found["runs"]:
        for name in remake.COMPARED:
            assert row[name]["committed"] == row[name]["remade"]
            assert len(row[name]["committed"]) == 3
    assert found["runs"][0]["made"]["commit"] == commit()
    assert json.loads(remake.write_runs(found).read_text()) == json.loads(json.dumps(found))
    part = {**found, "runs": [{**found["runs"][1], "made": "later"}]}
    runs = json.loads(remake.write_runs(part).read_text())["runs"]
    assert [row["level"] for row in runs] == [0, 1], "what was made again before stays"
    assert runs[1]["made"] == "later"


def test_without_committed_results_nothing_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = imp(tiny.setting(steps=10), Pruner(), Geometric(0.5, 1), seeds=tiny.SEEDS)
    monkeypatch.setattr(again, "committed", lambda: tiny.store(tmp_path / "committed"))
    with pytest.raises(Missing, match=r"2 of 2 runs are not stored in .*committed.results and this may not train"):
        remake.remake(runs, tmp_path / "again", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_nothing_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a file").touch()
    for file, place in ((again, "FOLDER"), (kernels, "KERNELS")):
        monkeypatch.setattr(file, place, tmp_path / "a file" / "remade")
    monkeypatch.setattr(again, "committed", lambda: tiny.store(tmp_path / "committed"))
    with pytest.raises(StoreError, match=r"a file.remade cannot be written .* nothing was begun"):
        remake.remake([], tmp_path / "again", progress=False)
    with pytest.raises(StoreError, match="nothing was begun"):
        remake.two_kernels(tiny.setting(), [(0, 1)], 40)
    with pytest.raises(SpecError, match="the first seed was -5"):
        remake.fresh_blocks(-5)


def test_two_kernels_train_one_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "KERNELS", tmp_path)
    found = remake.two_kernels(tiny.setting(), [(0, 1), (5, 6)], 40)
    assert [row["kept"] for row in found["blocks"]] == [1.0, 0.2]
    for row in found["blocks"]:
        for name in ("best_step", "best_test_accuracy"):
            np.testing.assert_allclose(row["compiled"][name], row["general"][name], atol=0.05)
    assert json.loads(remake.write_kernels(found).read_text()) == json.loads(json.dumps(found))


def test_two_engines_drift_apart() -> None:
    found = remake.drift(tiny.setting(), (40, 1))
    assert list(found) == [1, 40]
    assert 0 <= found[1] < 1e-3
    assert found[40] < 1


def test_every_machine_s_file_is_read(tmp_path: Path) -> None:
    for name in ("b", "a"):
        machine_file.write_json(tmp_path / f"{name}.json", {"device": name})
    assert [found["device"] for found in remake.read_json(tmp_path)] == ["a", "b"]
