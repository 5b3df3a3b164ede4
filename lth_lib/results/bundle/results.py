"""Results that come in a file are added when all of them pass what the store asks of its own, or none is."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from lth_lib.results.bundle import file
from lth_lib.results.store import SUMS, Place, Store, StoreError, names, read_npz, remove, whole, write_folder

Folders = dict[str, dict[str, bytes]]
"""For each result, "runs/DIGEST" or "measurements/DIGEST", its files by name."""


def folder(place: Place) -> dict[str, bytes]:
    """Return the files of a stored result by name."""
    return {name: (place / name).read_bytes() for name in names(place)}


def folders(files: Mapping[str, bytes]) -> Folders:
    """Return the results among the members of a file."""
    found: Folders = {}
    for name, content in files.items():
        result, _, inner = name.rpartition("/")
        if not name.startswith("kept/"):
            found.setdefault(result, {})[inner] = content
    return found


def add(path: Path, store: Store) -> tuple[list[str], list[str]]:
    """Add the results of a file to a store; return those that were added, and those that were there, equal."""
    found = folders(file.read(path))
    with tempfile.TemporaryDirectory() as name:
        beside = Store(Path(name).resolve(), name)
        for result, content in found.items():
            _write(beside, result, content)
        if faults := beside.verify(part=True):
            said = faults[0].replace(str(beside.results), str(path)).partition(";")[0].rstrip(".")
            raise StoreError(f"{said}: no result of this file is added; fetch it again, or make it again.")
        equal = [result for result in found if whole(store.results / result)]
        _refuse_others(path, [result for result in equal if not _same(result, beside, store)], store)
    new = {result: content for result, content in found.items() if result not in equal}
    _add(new, store)
    return [*new], equal


def _write(store: Store, result: str, content: Mapping[str, bytes]) -> None:
    """Write the files as they came, their hashes too."""
    for name, each in content.items():
        path = store.results / result / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each)


def _same(result: str, one: Store, other: Store) -> bool:
    """Say whether two stores have the same numbers for a result, whoever made them and when."""
    places = [store.results / result for store in (one, other)]
    held = [{name for name in names(place) if name.endswith(".npz")} for place in places]
    if held[0] != held[1]:
        return False
    for name in held[0]:
        mine, theirs = (read_npz(place / name) for place in places)
        if mine.keys() != theirs.keys():
            return False
        if any(array.dtype != theirs[key].dtype or array.shape != theirs[key].shape for key, array in mine.items()):
            return False
        if any(array.tobytes() != theirs[key].tobytes() for key, array in mine.items()):
            return False
    return True


def _refuse_others(path: Path, results: list[str], store: Store) -> None:
    """Refuse results that are there with other numbers: what was made from the one does not fit the other."""
    if results:
        named = ", ".join(result[: result.index("/") + 13] for result in results[:3])
        more = f" and {len(results) - 3} more" if len(results) > 3 else ""
        raise StoreError(
            f"{named}{more} are in {store.results} already, with other numbers than in {path}, of which nothing is "
            "added; remove their folders there to have these, or keep those and do without the file."
        )


def _add(new: Folders, store: Store) -> None:
    """Write results into a store; where one cannot be written, those that this has written are taken back."""
    written: list[Place] = []
    try:
        for result, content in new.items():
            if write_folder(store.results / result, {name: each for name, each in content.items() if name != SUMS}):
                written.append(store.results / result)
    except BaseException:
        for place in written:
            remove(place)
        raise
