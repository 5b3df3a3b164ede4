"""What is stored is whole, is what it says it is, and whatever is altered is found."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from tiny import SEEDS, setting
from upath import UPath
from upath.implementations.memory import MemoryPath

from lth_lib import masks as mask_rules
from lth_lib.experiments.run import Dense, Run
from lth_lib.experiments.studies import imp, shuffled
from lth_lib.masks import Masks
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import store as rules
from lth_lib.results.store import SUMS, Place, Store, StoreError, file_digest
from lth_lib.results.store.files import to_npz
from lth_lib.spec import canonical_json

DENSE, TICKET = imp(setting(), Pruner(), Geometric(0.5, 1), seeds=SEEDS)


def metrics(density: np.ndarray | float = 1.0) -> dict[str, np.ndarray]:
    """Return metrics as a run of two evaluations has them."""
    by_step = {name: np.arange(6, dtype=np.float32).reshape(2, 3) for name in ("valid_loss", "valid_accuracy")}
    at_end = {"diverged_at": np.full(3, -1), "best_step": np.zeros(3, np.int64), "final_test_accuracy": np.ones(3)}
    return {"step": np.array([0, 10]), "density": np.broadcast_to(density, (2, 3)).copy(), **by_step, **at_end}


def some_masks(rate: float = 0.5) -> Masks:
    return tiny.random_masks(setting(), rate)


def write(store: Store, run: Run = TICKET) -> Place:
    """Store a ticket with its masks; return its folder."""
    masks = some_masks()
    store.write(run, metrics(mask_rules.density(masks)), masks, {"seconds": 1.0})
    return store.folder(run)


@pytest.fixture
def store(place: Place) -> Store:
    return tiny.store(place)


@pytest.fixture
def in_folder(tmp_path: Path) -> Store:
    """Return a store on this machine's file system, where a folder is written under another name and renamed."""
    return tiny.store(tmp_path)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Store]:
    """Return a store where nothing can be renamed as a whole."""
    there = UPath(f"memory://remote{tmp_path}")
    yield tiny.store(there)
    if there.exists():
        there.rmdir(recursive=True)


def rehash(folder: Place) -> None:
    """Record the hashes of what is there now, as one would who wants it to pass."""
    (folder / SUMS).unlink()
    (folder / SUMS).write_text(json.dumps({path.name: file_digest(path) for path in folder.iterdir()}))


def change(folder: Place, **changed: np.ndarray) -> None:
    """Write the metrics again with some of them changed."""
    (folder / "metrics.npz").write_bytes(to_npz(rules.read_npz(folder / "metrics.npz") | changed))


def truncate(path: Place) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def test_what_is_written_is_read_again(store: Store) -> None:
    folder, masks = write(store), some_masks()
    result = store.read(TICKET)
    assert store.has(TICKET)
    assert not store.has(DENSE)
    wanted = metrics(mask_rules.density(masks))
    assert result.metrics.keys() == wanted.keys()
    assert all(np.array_equal(result.metrics[name], value) for name, value in wanted.items())
    assert tiny.same_tree(result.masks or {}, masks)
    assert result.provenance == {"seconds": 1.0}
    assert (folder / "spec.json").read_text() == canonical_json(TICKET)
    assert store.verify() == []


def test_a_run_without_masks_has_none(store: Store) -> None:
    store.write(DENSE, metrics(), None, {})
    assert store.read(DENSE).masks is None
    assert store.verify() == []


def test_a_run_that_is_not_stored_is_named(store: Store) -> None:
    assert list(store.folders()) == store.verify() == []
    with pytest.raises(StoreError, match=TICKET.digest):
        store.read(TICKET)


DAMAGES: dict[str, tuple[Callable[[Place], object], str]] = {
    "altered metrics": (lambda f: change(f, valid_loss=np.zeros((2, 3))), "metrics.npz does not match its SHA-256"),
    "altered spec": (
        lambda f: (f / "spec.json").write_text(canonical_json(DENSE)),
        "holds the spec of " + DENSE.digest,
    ),
    "altered provenance": (lambda f: (f / "provenance.json").write_text("{}"), "provenance.json does not match"),
    "missing metrics": (lambda f: (f / "metrics.npz").unlink(), "lacks metrics.npz"),
    "missing hashes": (lambda f: (f / SUMS).unlink(), f"lacks {SUMS}"),
    "missing masks": (lambda f: (f / "masks.npz").unlink(), "lists"),
    "truncated metrics": (lambda f: truncate(f / "metrics.npz"), "metrics.npz does not match"),
    "truncated masks": (lambda f: truncate(f / "masks.npz"), "masks.npz does not match"),
    "an extra file": (lambda f: (f / "notes.txt").write_text("hello"), "notes.txt"),
    "hashes that are no JSON": (lambda f: (f / SUMS).write_text("{"), "SHA256SUMS.json cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_one_sentence_names_the_folder_and_what_to_do(damage: str, store: Store) -> None:
    folder = write(store)
    store.write(DENSE, metrics(), None, {})
    act, says = DAMAGES[damage]
    act(folder)
    (fault,) = store.verify()
    assert says in fault
    assert str(folder) in fault
    assert "make compute" in fault


def test_a_renamed_folder_is_found(in_folder: Store) -> None:
    folder = write(in_folder)
    folder.rename(folder.with_name(DENSE.digest))
    (fault,) = in_folder.verify()
    assert f"holds the spec of {TICKET.digest}" in fault
    with pytest.raises(StoreError, match="holds the spec"):
        in_folder.read(DENSE)


@pytest.mark.parametrize("damage", ["altered metrics", "truncated metrics", "an extra file", "missing metrics"])
def test_what_is_damaged_is_not_read(damage: str, store: Store) -> None:
    DAMAGES[damage][0](write(store))
    with pytest.raises(StoreError, match="remove the folder"):
        store.read(TICKET)
    with pytest.raises(StoreError, match="remove the folder"):
        store.find(TICKET.digest)


UNSOUND: dict[str, tuple[Callable[[Place], object], str]] = {
    "a seed too few": (lambda f: change(f, valid_loss=np.zeros((2, 2))), "valid_loss has the shape (2, 2)"),
    "a row too few": (lambda f: change(f, valid_loss=np.zeros((1, 3))), "valid_loss has the shape (1, 3)"),
    "a gap": (lambda f: change(f, valid_loss=np.array([[1, np.nan, 1], [1, 1, 1]])), "valid_loss has gaps"),
    "other masks": (
        lambda f: (f / "masks.npz").write_bytes(to_npz(mask_rules.pack(some_masks(0.6)))),
        "the masks have density",
    ),
    "truncated metrics": (lambda f: truncate(f / "metrics.npz"), "cannot be read"),
    "truncated masks": (lambda f: truncate(f / "masks.npz"), "cannot be read"),
    "no metrics": (lambda f: (f / "metrics.npz").write_bytes(to_npz({})), "cannot be read"),
    "pickled objects": (lambda f: change(f, valid_loss=np.array([{}] * 6, object).reshape(2, 3)), "cannot be read"),
}


@pytest.mark.parametrize("kind", UNSOUND)
def test_arrays_that_are_not_whole_are_found_though_their_hashes_fit(kind: str, store: Store) -> None:
    folder = write(store)
    act, says = UNSOUND[kind]
    act(folder)
    rehash(folder)
    (fault,) = store.verify()
    assert says in fault
    assert str(folder) in fault


def test_gaps_are_allowed_in_a_replicate_that_diverged(store: Store) -> None:
    folder = write(store)
    gaps = np.array([[1, 1, 1], [1, np.nan, 1]], np.float32)
    change(folder, valid_loss=gaps, diverged_at=np.array([-1, 4, -1]))
    rehash(folder)
    assert store.verify() == []


def test_pickled_objects_are_never_loaded(store: Store, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "executed",))

    folder = write(store)
    for name in ("metrics.npz", "masks.npz"):
        (folder / name).write_bytes(to_npz({"step": np.array([Evil()], object)}))
    rehash(folder)
    with pytest.raises(StoreError, match=r"metrics.npz cannot be read .*allow_pickle"):
        store.read(TICKET)
    with pytest.raises(StoreError, match=r"masks.npz cannot be read .*allow_pickle"):
        rules.read_masks(folder / "masks.npz")
    assert len(store.verify()) == 1
    assert not (tmp_path / "executed").exists()


def test_a_result_is_found_by_the_beginning_of_its_digest(store: Store) -> None:
    folder = write(store)
    assert store.find(TICKET.digest) == store.find(TICKET.digest[:6]) == folder


def test_a_digest_that_is_unknown_or_ambiguous_is_named(store: Store) -> None:
    write(store)
    with pytest.raises(StoreError, match=r"'xyz'; no result begins so"):
        store.find("xyz")
    store.write(DENSE, metrics(), None, {})
    with pytest.raises(StoreError, match=r"''; 2 results begin so"):
        store.find("")


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["os.replace", "numpy.savez_compressed"])
def test_a_result_is_written_whole_or_not_at_all(
    where: str, error: BaseException, in_folder: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(where, fail)
        with pytest.raises((type(error), StoreError), match="disk full" if isinstance(error, OSError) else None):
            write(in_folder)
    assert not in_folder.has(TICKET)
    assert list((in_folder.results / "runs").glob("*")) == []
    write(in_folder)
    assert in_folder.verify() == []


def test_the_first_of_two_writers_stays(store: Store) -> None:
    store.write(DENSE, metrics(), None, {"writer": 1})
    store.write(DENSE, metrics(0.5), None, {"writer": 2})
    assert store.read(DENSE).provenance == {"writer": 1}
    assert [path.name for path in (store.results / "runs").iterdir()] == [DENSE.digest]


def test_the_first_stays_where_the_second_did_not_see_it(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_it = os.replace

    def late(source: Path, target: Path) -> None:
        monkeypatch.undo()
        in_folder.write(DENSE, metrics(), None, {"writer": 1})
        replace_it(source, target)

    monkeypatch.setattr(os, "replace", late)
    in_folder.write(DENSE, metrics(0.5), None, {"writer": 2})
    assert in_folder.read(DENSE).provenance == {"writer": 1}
    assert in_folder.verify() == []
    assert [path.name for path in (in_folder.results / "runs").iterdir()] == [DENSE.digest]


def test_masks_are_found_by_their_spec(store: Store) -> None:
    assert store.find_masks(TICKET.ticket.masks) is None
    write(store)
    assert tiny.same_tree(store.find_masks(TICKET.ticket.masks) or {}, some_masks())
    assert store.find_masks(Dense()) is None
    assert store.find_masks(shuffled(TICKET).ticket.masks) is None
    masks = TICKET.ticket.masks
    assert store.find_masks(replace(masks, rate=0.4)) is None  # type: ignore[type-var]


def test_masks_in_a_damaged_folder_are_not_used(store: Store) -> None:
    DAMAGES["altered metrics"][0](write(store))
    with pytest.raises(StoreError, match="does not match"):
        store.find_masks(TICKET.ticket.masks)


def test_weights_come_back_bit_for_bit(store: Store) -> None:
    weights = {"params/fc1.weight": torch.randn(3, 4), "statistics/bn.mean": torch.tensor([float("nan"), 1.0])}
    assert store.read_weights("0" * 64) is None
    store.write_weights("0" * 64, weights)
    assert tiny.same_tree(store.read_weights("0" * 64) or {}, weights)


def test_another_runs_weights_are_not_taken(in_folder: Store) -> None:
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    mine, other = (in_folder.scratch / "weights" / f"{digit * 64}.weights" for digit in "01")
    mine.rename(other)
    with pytest.warns(UserWarning, match="are damaged and were set aside"):
        assert in_folder.read_weights("1" * 64) is None


def test_what_is_written_may_be_read_by_others(in_folder: Store) -> None:
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    (path,) = (in_folder.scratch / "weights").iterdir()
    assert path.stat().st_mode & 0o777 == 0o644


def test_weights_are_written_whole_or_not_at_all(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"params/fc1.weight": torch.ones(3, 4)}
    in_folder.write_weights("0" * 64, weights)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        in_folder.write_weights("1" * 64, weights)
    assert in_folder.read_weights("1" * 64) is None
    assert len(list((in_folder.scratch / "weights").iterdir())) == 1, "nothing half there is left behind"


def flip(path: Place) -> None:
    """Flip a bit of the last byte, in the middle of a number."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize("damage", [truncate, flip])
def test_damaged_weights_are_set_aside(damage: Callable[[Place], None], store: Store) -> None:
    store.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    path = store.scratch / "weights" / f"{'0' * 64}.weights"
    damage(path)
    with pytest.warns(UserWarning, match="set aside"):
        assert store.read_weights("0" * 64) is None
    assert [left.name for left in path.parent.iterdir()] == [f"{'0' * 64}.damaged"]
    store.write_weights("0" * 64, {"params/fc1.weight": torch.zeros(3, 4)})
    assert store.has_weights("0" * 64)


def test_what_begins_with_a_dot_is_no_result(in_folder: Store) -> None:
    folder = write(in_folder)
    shutil.copytree(folder, folder.with_name(".half"))
    assert list(in_folder.folders()) == [folder]


def stopped_before_the_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the next writer to a remote store when only its hashes are left to write."""
    write_bytes = MemoryPath.write_bytes

    def stop(path: MemoryPath, content: bytes) -> int:
        if path.name == SUMS:
            raise KeyboardInterrupt
        return write_bytes(path, content)

    monkeypatch.setattr(MemoryPath, "write_bytes", stop)


def test_where_nothing_is_renamed_a_result_is_there_when_its_hashes_are(
    remote: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stopping:
        stopped_before_the_hashes(stopping)
        with pytest.raises(KeyboardInterrupt):
            write(remote)
    folder = remote.folder(TICKET)
    assert (folder / "metrics.npz").exists(), "it was stopped in the middle"
    assert not remote.has(TICKET)
    assert remote.find_masks(TICKET.ticket.masks) is None
    with pytest.raises(StoreError, match="no result for the digest"):
        remote.read(TICKET)
    assert write(remote) == folder
    assert remote.has(TICKET)
    assert remote.find_masks(TICKET.ticket.masks) is not None
    assert remote.verify() == []


def test_where_nothing_is_renamed_writers_that_meet_leave_one_whole_result(
    remote: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = MemoryPath.write_bytes

    def meet(path: MemoryPath, content: bytes) -> int:
        if path.name == SUMS:
            monkeypatch.undo()
            remote.write(DENSE, metrics(), None, {"writer": 2})
        return write_bytes(path, content)

    monkeypatch.setattr(MemoryPath, "write_bytes", meet)
    remote.write(DENSE, metrics(), None, {"writer": 1})
    assert remote.verify() == []
    assert remote.read(DENSE).provenance == {"writer": 1}


def test_a_place_that_never_holds_what_is_written_is_named(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryPath, "read_bytes", lambda path: b"")
    with pytest.raises(StoreError, match=DENSE.digest):
        remote.write(DENSE, metrics(), None, {})


def test_a_place_of_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nosuch://bucket/results cannot hold a store") as refused:
        Store("nosuch://bucket/results", tmp_path)
    assert "\n" not in str(refused.value)


def test_a_folder_is_the_same_for_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("results", (tmp_path / "scratch").as_uri())
    assert (store.results, store.scratch) == (tmp_path / "results", tmp_path / "scratch")
    assert isinstance(store.scratch, Path)


def test_what_another_machine_writes_is_seen(remote: Store) -> None:
    assert remote.results.storage_options["use_listings_cache"] is False  # type: ignore[union-attr]
    assert (remote.results / "runs").storage_options["use_listings_cache"] is False  # type: ignore[union-attr]
