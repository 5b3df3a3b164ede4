"""A store in each kind of place: a folder, and one where nothing can be renamed as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
from upath import UPath

from lth_lib.results.store import Place, Store


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
