"""A tiny data set, away from the network and from anyone's cache."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_data import Tiny, make


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """A tiny MNIST; no named folder, an empty cache, and no network."""

    def offline(root: Path, name: str) -> None:
        (root / "half-written").write_bytes(b"half")
        raise OSError("no network,\nat all")

    monkeypatch.delenv("LTH_DATA", raising=False)
    monkeypatch.setenv("LTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("lth_lib.data.publisher.download", offline)
    return make((1, 28, 28), "mnist", "MNIST")
