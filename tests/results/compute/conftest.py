"""A store of one's own, and a list of the trainings that begin."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from lth_lib.experiments.run import Run
from lth_lib.results import engine
from lth_lib.results.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Return the list to which every training that begins is added."""
    runs: list[Run] = []
    begin = engine.Engine._begin

    def noted(maker: engine.Engine, run: Run) -> object:
        out = begin(maker, run)
        runs.append(run)
        return out

    monkeypatch.setattr(engine.Engine, "_begin", noted)
    return runs
