"""What is trained again is compared with what is committed, replicate by replicate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny

from lth_lib import remake
from lth_lib.compute import compute
from lth_lib.provenance import source
from lth_lib.pruner import Pruner
from lth_lib.schedule import Geometric
from lth_lib.studies import imp, original


def test_the_chain_is_the_first_blocks() -> None:
    runs = remake.chain(7)
    assert [run.level for run in runs] == list(range(8))
    assert {run.seeds for run in runs} == {(0, 1, 2, 3, 4)}
    assert set(runs) <= set(original("paper").runs)


def test_the_same_machine_makes_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = imp(tiny.setting(steps=10), Pruner(), Geometric(0.5, 1), seeds=tiny.SEEDS)
    store = tiny.store(tmp_path / "committed")
    compute(runs, store, train=True, progress=False)
    monkeypatch.setattr(remake, "committed", lambda: store)
    monkeypatch.setattr(remake, "FOLDER", tmp_path)
    found = remake.remake(runs, tmp_path / "again", progress=False)
    (own,) = (tmp_path / "again").iterdir()
    assert own.name == f"cpu-{source()}", "trained again, into a store of its own"
    assert len(list((own / "results" / "runs").iterdir())) == 2
    assert [row["level"] for row in found["runs"]] == [0, 1]
    for row in found["runs"]:
        for name in remake.COMPARED:
            assert row[name]["committed"] == row[name]["remade"]
            assert len(row[name]["committed"]) == 3
    assert json.loads(remake.write(found).read_text()) == json.loads(json.dumps(found))
