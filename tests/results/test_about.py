"""A run that one process began and another ended says how long both took, from what it began, and by which commits."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.experiments.run import Run
from lth_lib.results import about, engine
from lth_lib.results.bundle.kept import pack
from lth_lib.results.compute import compute
from lth_lib.results.deadline import Deadline, Stopped
from lth_lib.results.store import Store, names

RUN = Run(setting(), seeds=SEEDS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


def stopped(store: Store) -> Path:
    """Train a segment of a run; return the folder of its checkpoint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deadline, "near", lambda _: True)
        with pytest.raises(Stopped):
            compute([RUN], store, train=True, progress=False, deadline=Deadline(9))
    return Path(str(store.checkpoints(RUN.digest)))


def trained(store: Store, commits: str) -> dict[str, Any]:
    """Train a run, a segment by a library of each commit and the rest by the last; return its provenance."""
    with pytest.MonkeyPatch.context() as patch:
        for commit in commits[:-1]:
            patch.setattr(engine, "commit", lambda commit=commit: commit)
            stopped(store)
        patch.setattr(engine, "commit", lambda: commits[-1])
        compute([RUN], store, train=True, progress=False)
    return store.read(RUN).provenance


@pytest.mark.parametrize("commits", ["abc", "aba", "aab"])
def test_all_commits_that_trained_it_are_named_in_order(commits: str, store: Store) -> None:
    assert trained(store, commits)["commits"] == [commit for commit, _ in itertools.groupby(commits)]


def test_one_commit_alone_is_named_once(store: Store) -> None:
    assert "commits" not in trained(store, "aa")


def test_there_is_one_file_and_its_seconds_are_counted_on(store: Store) -> None:
    folder = stopped(store)
    assert [name for name in names(folder) if not name.endswith(".safetensors")] == [about.FILE]
    found = about.read(folder)
    found.seconds = 7000.0
    found.write(folder)
    assert 7000 <= trained(store, "a")["seconds"] < 7060


def test_an_older_checkpoint_is_resumed_with_what_it_tells(store: Store) -> None:
    folder = stopped(store)
    (folder / about.FILE).unlink()
    (folder / "seconds").write_text("7000.0")
    (folder / "parents.json").write_text('{"0123": "equal"}')
    assert [name for name in pack([RUN], store, 1 << 20)[0] if not name.endswith("safetensors")] == [
        f"kept/checkpoints/{RUN.digest}/{name}" for name in ("seconds", "parents.json")
    ]
    made = trained(store, "ab")
    assert 7000 <= made["seconds"] < 7060
    assert made["parents"] == {"0123": "equal"}
    assert made["commits"] == ["unknown", "a", "b"]
