"""What comes in a bundle is added whole or not at all; what is there already stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from kept import DENSE, TICKET, metrics, of_masks, some_masks, write
from tiny import ABOUT

from lth_lib.experiments.measure import InputConnections
from lth_lib.experiments.run import Run
from lth_lib.results.bundle import add, file, results
from lth_lib.results.store import SUMS, Store, StoreError, file_digest

QUESTION = InputConnections(TICKET)


@pytest.fixture
def there(tmp_path: Path) -> Store:
    """Return the store of another machine: a dense run, its ticket, and a measurement."""
    store, masks = tiny.store(tmp_path / "there"), some_masks()
    store.write(DENSE, metrics(), None, ABOUT)
    store.write(TICKET, of_masks(masks), masks, ABOUT)
    store.write_answer(QUESTION, {"connections": np.ones((3, 8, 8), np.int32)}, ABOUT)
    return store


@pytest.fixture
def here(tmp_path: Path) -> Store:
    return tiny.store(tmp_path / "here")


NAMES = [f"runs/{DENSE.digest}", f"runs/{TICKET.digest}", f"measurements/{QUESTION.digest}"]


def bundled(store: Store, path: Path) -> Path:
    """Write all results of a store into a file."""
    content = {name: results.folder(store.results / name) for name in NAMES}
    file.write(path, {f"{name}/{inner}": each for name, files in content.items() for inner, each in files.items()})
    return path


def everything(store: Store) -> list[Path]:
    return sorted(Path(str(store.results)).rglob("*"))


def test_results_are_added_as_they_were(there: Store, here: Store, tmp_path: Path) -> None:
    path = bundled(there, tmp_path / "bundle")
    assert add(path, here) == (NAMES, [])
    assert all(results.folder(here.results / name) == results.folder(there.results / name) for name in NAMES)
    assert here.verify() == []
    assert add(path, here) == ([], NAMES), "what is there already is skipped"


def test_the_same_numbers_of_another_machine_are_equal_and_stay(there: Store, here: Store, tmp_path: Path) -> None:
    here.write(DENSE, metrics(), None, ABOUT | {"device": "here"})
    assert add(bundled(there, tmp_path / "bundle"), here) == (NAMES[1:], NAMES[:1])
    assert here.read(DENSE).provenance == ABOUT | {"device": "here"}


def other_numbers(store: Store) -> None:
    store.write(DENSE, metrics() | {"final_test_accuracy": np.zeros(3)}, None, ABOUT)


def fewer_arrays(store: Store) -> None:
    store.write(DENSE, {name: value for name, value in metrics().items() if name != "best_step"}, None, ABOUT)


def masks_too(store: Store) -> None:
    store.write(DENSE, of_masks(some_masks()), some_masks(), ABOUT)


@pytest.mark.parametrize("write_other", [other_numbers, fewer_arrays, masks_too])
def test_other_numbers_are_refused_with_all_beside_them(
    write_other: object, there: Store, here: Store, tmp_path: Path
) -> None:
    assert callable(write_other)
    write_other(here)
    before = everything(here)
    with pytest.raises(StoreError, match=rf"runs/{DENSE.digest[:7]}\w+ are in .* with other numbers"):
        add(bundled(there, tmp_path / "bundle"), here)
    assert everything(here) == before


def altered(store: Store) -> str:
    (store.folder(TICKET) / "masks.npz").write_bytes(b"other")
    return "does not match its SHA-256"


def renamed(store: Store) -> str:
    spec = store.folder(TICKET) / "spec.json"
    spec.write_text(spec.read_text() + " ")
    return "holds the spec of"


def incomplete(store: Store) -> str:
    (store.folder(TICKET) / "metrics.npz").unlink()
    return "lacks metrics.npz"


def gaps(store: Store) -> str:
    path = store.folder(QUESTION) / "values.npz"
    np.savez(str(path), connections=np.ones(0))
    sums = json.loads((path.parent / SUMS).read_text()) | {"values.npz": file_digest(path)}
    (path.parent / SUMS).write_text(json.dumps(sums))
    return "holds an empty array"


@pytest.mark.parametrize("damage", [altered, renamed, incomplete, gaps])
def test_what_the_store_would_refuse_is_refused_with_all_beside_it(
    damage: object, there: Store, here: Store, tmp_path: Path
) -> None:
    assert callable(damage)
    said = damage(there)
    path = bundled(there, tmp_path / "bundle")
    with pytest.raises(StoreError, match=said) as refused:
        add(path, here)
    assert str(refused.value).startswith(f"{path}/")
    assert str(refused.value).endswith("no result of this file is added; fetch it again, or make it again.")
    assert everything(here) == []


def test_where_one_cannot_be_written_those_before_it_are_taken_back(
    there: Store, here: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: Run = TICKET
    write(here, kept)
    path, write_folder, calls = bundled(there, tmp_path / "bundle"), results.write_folder, []

    def full(*given: Any) -> bool:
        calls.append(given)
        if len(calls) == 2:
            raise StoreError("The disk is full.")
        return write_folder(*given)

    monkeypatch.setattr(results, "write_folder", full)
    with pytest.raises(StoreError, match="full"):
        add(path, here)
    assert [path.parent.name for path in everything(here) if path.name == "spec.json"] == [kept.digest]


@pytest.mark.parametrize("fails_at", [1, 2])
def test_what_another_process_writes_meanwhile_is_not_taken_back(
    fails_at: int, there: Store, here: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write_folder, calls = bundled(there, tmp_path / "bundle"), results.write_folder, []

    def meanwhile(*given: Any) -> bool:
        calls.append(given)
        if not here.has(DENSE):
            here.write(DENSE, metrics(), None, {"device": "another"})
        if len(calls) == fails_at:
            raise StoreError("The disk is full.")
        return write_folder(*given)

    monkeypatch.setattr(results, "write_folder", meanwhile)
    with pytest.raises(StoreError, match="full"):
        add(path, here)
    assert here.read(DENSE).provenance == {"device": "another"}
