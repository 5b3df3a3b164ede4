"""torchvision is imported only when asked for, and beside a torch that lacks its operators."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lth_lib.data import publisher

PROGRAM = """
import sys
from lth_lib.data import MNISTSample, publisher
MNISTSample().load()
assert "torchvision" not in sys.modules, "samples do not need it"
assert publisher.datasets().MNIST is publisher.datasets().MNIST
"""


def test_torchvision_is_imported_when_asked_for() -> None:
    root = str(Path(publisher.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_download_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(publisher, "_read", lambda *_, **__: seen.append(socket.getdefaulttimeout()))
    publisher.download(tmp_path, "MNIST")
    assert seen == [publisher.SECONDS]
    assert socket.getdefaulttimeout() is None
