"""A place that cannot hold results is named, and one that can is the same for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from kept import DENSE, TICKET, metrics, write
from tiny import ABOUT
from upath.implementations.memory import MemoryPath

from lth_lib.experiments.measure import InputConnections
from lth_lib.results.compute import compute
from lth_lib.results.store import Store, StoreError


def test_a_file_where_a_result_belongs_is_said(in_folder: Store) -> None:
    write(in_folder)
    for path in (in_folder.folder(DENSE), in_folder.folder(InputConnections(DENSE))):
        path.parent.mkdir(exist_ok=True)
        path.touch()
        with pytest.raises(StoreError, match=f"{path} is no folder, but that of a result belongs there; remove it"):
            compute([DENSE, InputConnections(DENSE)], in_folder, train=True, progress=False)
        assert [str(path) in fault for fault in in_folder.verify()] == [True]
        path.unlink()
        path.symlink_to(in_folder.results / "nowhere")
        with pytest.raises(StoreError, match="is no folder"):
            in_folder.has(DENSE if path.parent.name == "runs" else InputConnections(DENSE))
        path.unlink()


def test_a_file_where_all_results_belong_is_said(in_folder: Store) -> None:
    in_folder.results.mkdir()
    (in_folder.results / "runs").touch()
    with pytest.raises(StoreError, match="runs is no folder, but one belongs there"):
        in_folder.verify()


def test_a_file_system_without_modes_is_no_fault(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refused)
    write(in_folder)
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    assert in_folder.read(TICKET).provenance == ABOUT
    assert in_folder.read_weights("0" * 64) is not None


def test_a_place_that_never_holds_what_is_written_is_named(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryPath, "read_bytes", lambda path: b"")
    with pytest.raises(StoreError, match=DENSE.digest):
        remote.write(DENSE, metrics(), None, {})


def test_a_place_that_ceases_to_answer_is_named(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(path: MemoryPath, content: bytes) -> int:
        raise LookupError("the server\ndoes not answer")

    monkeypatch.setattr(MemoryPath, "write_bytes", lost)
    for act in (lambda: write(remote), lambda: remote.write_weights("0" * 64, {"a": torch.ones(3)})):
        with pytest.raises(StoreError, match=r"memory:.* cannot be written \(the server does not answer\)"):
            act()


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
