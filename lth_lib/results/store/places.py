"""A place is a local folder or an fsspec URL; the two differ only here and in how a file is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from upath import UPath

Place = Path | UPath
SUMS = "SHA256SUMS.json"


class StoreError(RuntimeError):
    """What is stored is not what it says it is: names the file and what to do."""


def place(name: Place | str) -> Place:
    """Return a local folder, absolute so that it is the same for every process, or what an fsspec URL names."""
    try:
        found = UPath(name)
        if found.protocol in ("", "file", "local"):
            return Path(found.path).absolute()
        # What another machine has just written must be seen, so listings are never kept.
        there = UPath(found, use_listings_cache=False)
        _ = there.fs
    except (ValueError, ImportError) as fault:
        raise StoreError(f"{name} cannot hold a store: {fault}; name a folder, or install what it needs.") from None
    return there


def local(path: Place) -> bool:
    """Say whether a place is on this machine's file system, where what is written can be renamed."""
    return isinstance(path, Path)


def whole(folder: Place) -> bool:
    """Say whether a folder was written to its end: a local one appears by renaming, elsewhere the hashes come last."""
    return folder.is_dir() if local(folder) else (folder / SUMS).exists()


def names(folder: Place) -> list[str]:
    """Return the sorted names in a folder, those that begin with a dot apart; none if it is not there."""
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def set_aside(path: Place) -> None:
    """Give a damaged file a name under which nobody looks for it."""
    path.rename(path.with_suffix(".damaged"))  # type: ignore[arg-type]


def remove(folder: Place) -> None:
    """Remove a folder with all it holds, if it is there."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.rmdir(recursive=True)
