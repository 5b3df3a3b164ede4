"""What the command line takes for the book's results, and for all of its studies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from kept import DENSE, TICKET, metrics, of_masks, some_masks
from tiny import SEEDS, setting

from lth_lib.experiments.measure import InputConnections
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import Entry, Study, catalogue
from lth_lib.results.store import Store
from lth_lib.workshop.commands import compute as command
from lth_lib.workshop.commands import studies


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store of two results, which the command line takes for the book's."""
    held, masks = tiny.committed(tmp_path, monkeypatch), some_masks()
    at_end = {"best_test_accuracy": np.array([0.25, 0.5, 0.75])}
    held.write(DENSE, metrics() | at_end, None, tiny.ABOUT | {"torch": "9.9"})
    held.write(TICKET, of_masks(masks), masks, tiny.ABOUT)
    return held


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Return the two runs which the command line takes for the book's."""
    runs = [Run(setting(steps=10), seeds=SEEDS), Run(setting(steps=10), seeds=(5, 6))]
    study = Study(("dense",))
    study.add("dense", 0, runs[1])
    study.questions.append(InputConnections(runs[0]))
    monkeypatch.setattr(command, "sample", lambda: runs[0])
    entry = Entry("tiny", "Does it train?", lambda scale: study, core_hours=2.0)
    monkeypatch.setattr(command, "ALL", (entry,))
    monkeypatch.setattr(studies, "ALL", (entry,))
    monkeypatch.setattr(catalogue, "ALL", (entry,))
    return runs
