"""A cluster of two workers on this machine, and a folder in which trainings there note their steps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray

HERE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start a cluster of two workers on this machine; return its address."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        environment.setenv("PYTHONPATH", os.pathsep.join((str(HERE), str(HERE.parent))))
        small = {"include_dashboard": False, "object_store_memory": 100 << 20, "log_to_driver": False}
        yield ray.init("local", num_cpus=2, **small).address_info["gcs_address"]
        ray.shutdown()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Return the folder in which trainings note their steps."""
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"
