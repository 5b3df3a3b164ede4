"""Tests are small, so one thread is fastest; and results are equal bit for bit only at one number of threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from upath import UPath

from lth_lib.results.store import Place

torch.set_num_threads(1)


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return an empty place: a folder, and one where nothing can be renamed as a whole."""
    if request.param == "folder":
        yield tmp_path
        return
    there = UPath(f"memory://tests{tmp_path}")
    yield there
    if there.exists():
        there.rmdir(recursive=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, but for those of chapters, which are long and share nothing."""
    for item in items:
        if item.path.name != "test_chapters.py":
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
