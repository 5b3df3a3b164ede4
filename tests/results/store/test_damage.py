"""Whatever is altered among the files of a result is found, and not read."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from kept import DENSE, TICKET, change, metrics, rehash, truncate, write
from tiny import ABOUT

import lth_lib
from lth_lib.results import store as rules
from lth_lib.results.store import SUMS, Place, Store, StoreError
from lth_lib.results.store.files import to_npz
from lth_lib.spec import canonical_json

DAMAGES: dict[str, tuple[Callable[[Place], object], str]] = {
    "altered metrics": (lambda f: change(f, valid_loss=np.zeros((5, 3))), "metrics.npz does not match its SHA-256"),
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
    store.write(DENSE, metrics(), None, ABOUT)
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


LEFT_BEHIND = (".DS_Store", "Thumbs.db", ".nfs000000000123", "desktop.ini", "._metrics.npz")


def test_what_file_systems_and_their_browsers_leave_is_no_damage(store: Store) -> None:
    folder = write(store)
    (folder / ".ipynb_checkpoints").mkdir()
    for there in (folder, folder.parent, store.results):
        for name in LEFT_BEHIND:
            (there / name).write_bytes(b"left")
    assert store.verify() == []
    assert store.read(TICKET).provenance == ABOUT
    assert list(store.folders()) == [folder]


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


def test_masks_in_a_damaged_folder_are_not_used(store: Store) -> None:
    DAMAGES["altered metrics"][0](write(store))
    with pytest.raises(StoreError, match="does not match"):
        store.find_masks(TICKET.ticket.masks)


@pytest.mark.parametrize("name", ["spec.json", "metrics.npz", "masks.npz", "provenance.json", SUMS])
def test_a_folder_where_a_file_belongs_is_named(name: str, in_folder: Store) -> None:
    folder = write(in_folder)
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(StoreError, match=f"{name} cannot be read"):
        in_folder.read(TICKET)
    (fault,) = in_folder.verify()
    assert str(folder / name) in fault


def test_what_begins_with_a_dot_is_no_result(in_folder: Store) -> None:
    folder = write(in_folder)
    shutil.copytree(folder, folder.with_name(".half"))
    assert list(in_folder.folders()) == [folder]


def test_git_changes_no_byte_of_a_result(in_folder: Store, tmp_path: Path) -> None:
    repository, there = tmp_path / "repository", tmp_path / "there"
    shutil.copytree(write(in_folder), repository / "book" / "results" / "runs" / TICKET.digest)
    shutil.copy(Path(lth_lib.__file__).parents[1] / ".gitattributes", repository)
    (repository / "page.md").write_bytes(b"a line\n")
    (repository / "book" / "results" / "lines").write_bytes(b"one\r\nanother\n")
    own = ["-c", "user.name=a", "-c", "user.email=a", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "results"]):
        subprocess.run(["git", *own, *command], cwd=repository, check=True)
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", str(repository), str(there)], check=True)
    assert (there / "page.md").read_bytes() == b"a line\n"
    assert (there / "book" / "results" / "lines").read_bytes() == b"one\r\nanother\n"
    assert Store(there / "book" / "results", tmp_path).verify() == []
