"""A result is written whole or not at all, and the first of two that write it stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kept import DENSE, TICKET, metrics, write
from tiny import ABOUT
from upath.implementations.memory import MemoryPath

from lth_lib.results.store import SUMS, Store, StoreError


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
    store.write(DENSE, metrics(), None, ABOUT | {"writer": 1})
    store.write(DENSE, metrics(0.5), None, ABOUT | {"writer": 2})
    assert store.read(DENSE).provenance == ABOUT | {"writer": 1}
    assert [path.name for path in (store.results / "runs").iterdir()] == [DENSE.digest]


def test_the_first_stays_where_the_second_did_not_see_it(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_it = os.replace

    def late(source: Path, target: Path) -> None:
        monkeypatch.undo()
        in_folder.write(DENSE, metrics(), None, ABOUT | {"writer": 1})
        replace_it(source, target)

    monkeypatch.setattr(os, "replace", late)
    in_folder.write(DENSE, metrics(0.5), None, ABOUT | {"writer": 2})
    assert in_folder.read(DENSE).provenance == ABOUT | {"writer": 1}
    assert in_folder.verify() == []
    assert [path.name for path in (in_folder.results / "runs").iterdir()] == [DENSE.digest]


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
            remote.write(DENSE, metrics(), None, ABOUT | {"writer": 2})
        return write_bytes(path, content)

    monkeypatch.setattr(MemoryPath, "write_bytes", meet)
    remote.write(DENSE, metrics(), None, ABOUT | {"writer": 1})
    assert remote.verify() == []
    assert remote.read(DENSE).provenance == ABOUT | {"writer": 1}
