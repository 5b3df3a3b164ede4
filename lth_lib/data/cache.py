"""The cache keeps decoded data sets, each under its name, and believes only what still has its hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from lth_lib import environment
from lth_lib.data.examples import Both, Examples


def folder() -> Path | None:
    """Return the folder of the cache: `LTH_CACHE`, else one in the home folder; None for a user without a home."""
    named, home = environment.named("LTH_CACHE"), environment.home()
    return Path(named) if named else home and home / ".cache" / "lth_lib"


def load(name: str, contents: tuple[str, str] | None, origin: str | None) -> Both | None:
    """Return what is kept of a data set; None unless it is whole and has these contents and this origin.

    A damaged file counts as none: it is only a copy, and is made again from the source.
    """
    there = folder()
    if there is None:
        return None
    try:
        with np.load(there / f"{name}.npz", allow_pickle=False) as kept:
            parts = [Examples(kept[f"images{i}"], kept[f"labels{i}"], str(kept["contents"][i])) for i in (0, 1)]
            whole = str(kept["pixels"]) == fingerprint(parts[0], parts[1])
            fits = contents in (None, (parts[0].content, parts[1].content)) and origin in (None, str(kept["origin"]))
    except Exception:  # whatever the reading of altered bytes meets
        return None
    return (parts[0], parts[1]) if whole and fits else None


def save(name: str, both: Both, origin: str | None) -> None:
    """Keep a decoded data set: written under a temporary name, then renamed, so that it is whole or absent."""
    there = folder()
    if there is None:
        return
    arrays: dict[str, Any] = {f"images{i}": part.images for i, part in enumerate(both)}
    arrays |= {f"labels{i}": part.labels for i, part in enumerate(both)}
    arrays |= {"contents": [part.content for part in both], "pixels": fingerprint(*both), "origin": origin or ""}
    temporary = there / f".{name}.{os.getpid()}.tmp"
    try:
        there.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            np.savez(file, **arrays)
        os.replace(temporary, there / f"{name}.npz")
    except OSError:  # a full disk or a home that cannot be written costs time at the next load, and nothing else
        with contextlib.suppress(OSError):
            temporary.unlink()


def fingerprint(train: Examples, test: Examples) -> str:
    """Return the SHA-256, as 64 hexadecimal digits, of the decoded pixels and the labels in their order."""
    digest = hashlib.sha256()
    for array in (train.images, train.labels, test.images, test.labels):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
