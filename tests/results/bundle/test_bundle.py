"""A bundle grows with each run that is trained, up to its limit, and another machine goes on from it."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny
from kept import metrics
from tiny import SEEDS, setting

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results.bundle import Bundle, add, file, kept, restore, results
from lth_lib.results.compute import compute
from lth_lib.results.deadline import Deadline, Stopped
from lth_lib.results.engine import Local
from lth_lib.results.store import Store, StoreError, remove, write_bytes
from lth_lib.results.store import names as store_names

RUNS = imp(setting(), Pruner(), Geometric(0.5, 2), seeds=SEEDS)


def stored(runs: list[Run], store: Store, size: int = 0) -> None:
    """Store runs that nobody trained, of so many bytes more."""
    noise = np.arange(size, dtype=np.uint8)
    for run in runs:
        store.write(run, metrics(), None, tiny.ABOUT | {"noise": noise.tobytes().hex()})


def names(path: Path) -> list[str]:
    """Return the digests of the runs in a file, in order."""
    return list(dict.fromkeys(name.split("/")[1] for name in file.read(path) if name.startswith("runs/")))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


def test_it_has_what_is_new_the_most_wanted_first(store: Store, tmp_path: Path) -> None:
    stored(RUNS[:1], store)
    bundle = Bundle(tmp_path / "bundle", store, RUNS)
    stored(RUNS[:0:-1], store)
    bundle.update()
    assert names(tmp_path / "bundle") == [run.digest for run in RUNS[1:]]
    assert "has 2 results and 0 files to go on from" in bundle.close()


def test_given_again_it_adds_to_the_file_and_has_what_it_had(store: Store, tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "bundle", tiny.store(tmp_path / "elsewhere")
    bundle = Bundle(path, store, RUNS)
    stored(RUNS[:1], store)
    bundle.close()
    again = Bundle(path, elsewhere, RUNS)
    assert elsewhere.has(RUNS[0])
    stored(RUNS[1:2], elsewhere)
    again.close()
    assert names(path) == [run.digest for run in RUNS[:2]]


def test_what_finds_no_room_stays_and_the_next_has_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(RUNS, tiny.store(tmp_path / "other"), size=2_000)
    of_two = [results.folder(tiny.store(tmp_path / "other").folder(run)) for run in RUNS[:2]]
    limit = sum(file.size({f"runs/{RUNS[0].digest}/{name}": each for name, each in of.items()}) for of in of_two)
    monkeypatch.setattr(file, "LIMIT", limit)
    first, second = tmp_path / "first", tmp_path / "second"
    bundle = Bundle(first, store, RUNS)
    stored(RUNS, store, size=2_000)
    with pytest.raises(Stopped, match="first is full; `unbundle` it, and name another file"):
        bundle.update()
    assert f"Left out for want of room: runs/{RUNS[2].digest[:13]}, which the next has" in bundle.close()
    assert first.stat().st_size <= limit
    assert "has 1 results" in Bundle(second, store, RUNS).close()
    assert (names(first), names(second)) == ([run.digest for run in RUNS[:2]], [RUNS[2].digest])
    assert "has 0 results" in Bundle(tmp_path / "third", store, RUNS).close()


def test_what_a_process_was_killed_before_it_could_write_the_next_bundle_has(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    bundle = Bundle(path, store, RUNS)
    stored(RUNS[:1], store)
    bundle.update()
    stored(RUNS[1:2], store)
    again = Bundle(path, store, RUNS)
    stored(RUNS[2:], store)
    again.close()
    assert names(path) == [run.digest for run in RUNS]


def test_what_was_there_before_the_first_bundle_is_in_none_and_what_is_made_anew_is(
    store: Store, tmp_path: Path
) -> None:
    stored(RUNS[:2], store)
    assert "has 0 results" in Bundle(tmp_path / "first", store, RUNS).close()
    remove(store.folder(RUNS[0]))
    bundle = Bundle(tmp_path / "second", store, RUNS)
    stored(RUNS[:1], store)
    bundle.close()
    assert names(tmp_path / "second") == [RUNS[0].digest]


def test_what_could_not_be_written_the_next_has(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = Bundle(tmp_path / "first", store, RUNS)
    stored(RUNS[:1], store)

    def full(path: Path, content: bytes) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(file, "write_bytes", full)
        with pytest.raises(StoreError):
            bundle.update()
        with pytest.raises(StoreError):
            bundle.close()
    Bundle(tmp_path / "second", store, RUNS).close()
    assert names(tmp_path / "second") == [RUNS[0].digest]


def test_a_name_that_cannot_be_written_is_refused_at_the_beginning(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        Bundle(tmp_path / "a file" / "bundle", store, RUNS)


def going_on(path: Path) -> list[str]:
    return [name for name in file.read(path) if name.startswith("kept/")]


def test_what_it_had_to_go_on_from_stays_until_there_is_newer(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, weights = tmp_path / "bundle", {f"kept/weights/{run.digest}.weights": zlib.compress(b"w") for run in RUNS}
    file.write(path, weights)
    bundle = Bundle(path, store, RUNS)
    assert going_on(path) == [*weights]
    stored(RUNS[:1], store)
    bundle.update()
    assert (names(path), going_on(path)) == ([RUNS[0].digest], [*weights])
    stored(RUNS[1:2], store)
    second = {f"runs/{RUNS[1].digest}/{name}": each for name, each in results.folder(store.folder(RUNS[1])).items()}
    monkeypatch.setattr(file, "LIMIT", path.stat().st_size + file.size(second) - file.size({}) - 1)
    bundle.update()
    assert names(path) == [run.digest for run in RUNS[:2]]
    assert going_on(path) == [*weights][:-1], "the last needed made room"
    assert path.stat().st_size <= file.LIMIT
    store.weights(RUNS[0].digest).unlink()
    assert "2 results and 1 files to go on from" in bundle.close()
    assert going_on(path) == [f"kept/weights/{RUNS[1].digest}.weights"], "what the third run goes on from"


def test_checkpoints_of_this_machine_are_not_mixed_with_others(store: Store) -> None:
    mine, theirs = (f"kept/checkpoints/{run.digest}/{{:09d}}-{'0' * 64}.safetensors" for run in RUNS[:2])
    write_bytes(store.scratch / mine.format(10).removeprefix("kept/"), b"")
    assert restore({mine.format(20): zlib.compress(b""), theirs.format(20): zlib.compress(b"")}, store) == 1
    assert [len(store_names(store.checkpoints(run.digest))) for run in RUNS[:2]] == [1, 1]


def trained(runs: list[Run], store: Store, stop: Callable[[Deadline], bool], path: Path) -> str:
    """Train runs into a bundle, until a deadline is said to be near; return what the bundle says."""
    bundle = Bundle(path, store, runs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deadline, "near", stop)
        try:
            compute(runs, store, train=True, progress=False, executor=Local(bundle.update), deadline=Deadline(9))
        except Stopped:
            return bundle.close()
    return bundle.close()


@pytest.mark.parametrize(
    ("room", "files", "again"), [(file.LIMIT, 3, 0), (50_000, 2, 2)], ids=["room for all", "room for weights alone"]
)
def test_another_machine_goes_on_where_the_first_was_stopped(
    room: int, files: int, again: int, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "LIMIT", room)
    alone, second, path = tiny.store(tmp_path / "alone"), tiny.store(tmp_path / "second"), tmp_path / "bundle"
    compute(RUNS, alone, train=True, progress=False)
    segments = itertools.count(1)
    said = trained(RUNS, store, lambda _: next(segments) == 6, path)
    assert [store.has(run) for run in RUNS] == [True, False, False]
    assert f"1 results and {files} files to go on from" in said
    assert ("Too large to go on from elsewhere, and made again there: the checkpoint of run" in said) == bool(again)
    segments = itertools.count(1)
    trained(RUNS, second, lambda _: next(segments) < 0, path)
    assert next(segments) - 1 == 2 + again + 4, "segments of ten steps"
    assert all(tiny.same_metrics(second.read(run), alone.read(run)) for run in RUNS)
    assert add(path, alone) == ([], [f"runs/{run.digest}" for run in RUNS])


def test_noise_that_finds_no_room_is_given_up() -> None:
    zeros, noise = bytes(5 << 20), np.arange(5 << 20, dtype=np.uint32).tobytes()
    packed = kept._compressed(zeros, 100_000)
    assert packed is not None
    assert kept._compressed(noise, 100_000) is None
    assert kept._compressed(b"", 100) is not None


def test_a_folder_where_a_file_belongs_is_gone_on_without(store: Store, tmp_path: Path) -> None:
    stored(RUNS[:1], store)
    store.weights(RUNS[0].digest).mkdir(parents=True)
    (store.checkpoints(RUNS[1].digest) / "000000010-a.safetensors").mkdir(parents=True)
    (store.checkpoints(RUNS[1].digest) / "about.json").mkdir()
    assert kept.pack(RUNS, store, 1 << 20) == ({}, "")


@pytest.mark.parametrize("damage", [lambda note: note.write_bytes(b"\xff"), lambda note: (note.unlink(), note.mkdir())])
def test_a_note_that_cannot_be_read_leaves_nothing_out(
    damage: Callable[[Path], object], store: Store, tmp_path: Path
) -> None:
    Bundle(tmp_path / "first", store, RUNS).close()
    stored(RUNS[:1], store)
    damage(store.scratch / "bundled")
    if (store.scratch / "bundled").is_file():
        assert "has 1 results" in Bundle(tmp_path / "second", store, RUNS).close()
    else:
        with pytest.raises(StoreError, match="cannot be written"):
            Bundle(tmp_path / "second", store, RUNS)
