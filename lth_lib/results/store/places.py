"""A place is a local folder or an fsspec URL; the two differ only here and in how a file is written."""

from __future__ import annotations

import os
import shutil
import warnings
from contextlib import suppress
from pathlib import Path

from fsspec import available_protocols
from upath import UPath

from lth_lib.environment import expanded, left
from lth_lib.spec import SpecError

Place = Path | UPath
SUMS = "SHA256SUMS.json"
DAMAGED = ".damaged"


class StoreError(RuntimeError):
    """What is stored is not what it says it is: names the file and what to do."""


def place(name: Place | str) -> Place:
    """Return a local folder, absolute so that it is the same for every process, or what an fsspec URL names."""
    try:
        found = UPath(name)
        if found.protocol in ("", "file", "local"):
            return _folder(name, found.path)
        # What another machine has just written must be seen, so listings are never kept.
        there = UPath(found, use_listings_cache=False)
        with suppress(FileNotFoundError):  # it is made when something is written
            there.fs.info((there / "runs").path)
    except (StoreError, SpecError):
        raise
    except Exception as fault:  # each kind of place has errors of its own
        said = " ".join(str(fault).split()) or type(fault).__name__
        raise StoreError(
            f"{name} cannot hold a store: {said}; name a folder, or a URL whose package is installed and whose server "
            "answers."
        ) from fault
    return there


def place_of_file(name: str) -> Place:
    """Return the place of a file, in a folder or under an fsspec URL; raises `StoreError` where there can be none."""
    last = name.rpartition("/")[2]
    path = place(name.removesuffix(last) or Path()) / last
    if not last or path.is_dir():
        raise StoreError(f"{name!r} names a folder, and a file is to be written; name one in it.")
    return path


def _folder(name: Place | str, path: str) -> Path:
    """Return a local place; raises an error where it, or what it would lie in, is something else than a folder."""
    scheme, sign, _ = str(name).partition(":")
    # What fsspec takes for a name of a folder here, as `data:`, whoever wrote it did not.
    meant = str(name).startswith(f"{scheme}://") or scheme in available_protocols()
    if sign and meant and scheme not in ("file", "local"):
        raise ValueError(f"{scheme!r} is no kind of place that fsspec knows, or is no whole URL")
    folder = Path(expanded(path)).absolute()
    if found := next((one for one in (folder, *folder.parents) if os.path.lexists(one) and not one.is_dir()), None):
        raise StoreError(f"{found} is no folder, and results and weights are kept in folders; name another place.")
    return folder


def local(path: Place) -> bool:
    """Say whether a place is on this machine's file system, where what is written can be renamed."""
    return isinstance(path, Path)


def whole(folder: Place) -> bool:
    """Say whether a folder was written to its end: a local one appears by renaming, elsewhere the hashes come last.

    Raises `StoreError` where something else is in its place: nothing could be stored there.
    """
    if not isinstance(folder, Path):
        return (folder / SUMS).exists()
    there = folder.is_dir()
    if not there and os.path.lexists(folder):
        raise StoreError(
            f"{folder} is no folder, but that of a result belongs there; remove it and run `make compute`."
        )
    return there


def names(folder: Place) -> list[str]:
    """Return the sorted names in a folder, less those that nobody here has given; none if it is not there."""
    try:
        found = os.listdir(folder) if isinstance(folder, Path) else [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    except NotADirectoryError as fault:
        if local(folder):
            raise StoreError(
                f"{folder} is no folder, but one belongs there; remove it and run `make compute`."
            ) from fault
        return []
    return sorted(name for name in found if not left(name))


def set_aside(path: Place) -> None:
    """Give a damaged file a name under which nobody looks for it."""
    path.rename(path.with_suffix(DAMAGED))  # type: ignore[arg-type]


def make_way(path: Place) -> None:
    """Set aside a folder that is where a file belongs; raises `StoreError` where it cannot be."""
    if not isinstance(path, Path) or path.suffix == DAMAGED or not path.is_dir():
        return
    try:
        set_aside(path)
    except OSError as fault:
        raise StoreError(f"{path} is a folder, but a file belongs there; remove it ({fault.strerror}).") from fault
    warnings.warn(f"{path} was a folder, and a file belongs there; it was set aside.", stacklevel=2)


def discard(path: Place) -> None:
    """Remove a file, or what is in its place, if it is there."""
    if isinstance(path, Path) and path.is_dir():
        remove(path)
    else:
        path.unlink(missing_ok=True)


def remove(folder: Place) -> None:
    """Remove a folder with all it holds, if it is there."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.rmdir(recursive=True)
