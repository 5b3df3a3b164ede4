"""A training that has written a checkpoint."""

from __future__ import annotations

import hashlib
from pathlib import Path

import tiny

from lth_lib.results import checkpoint


def place(folder: Path, step: int, content: bytes) -> Path:
    """Put a checkpoint whose name has the right checksum."""
    path = folder / f"{step:09d}-{hashlib.sha256(folder.name.encode() + content).hexdigest()}.safetensors"
    path.write_bytes(content)
    return path


def begun(folder: Path) -> tuple[tiny.Trainer, tiny.Trainer]:
    """Return a training of which a checkpoint is written, and one before its first step."""
    first, second = (tiny.trainer(tiny.setting()) for _ in "ab")
    first.advance(40)
    checkpoint.take(folder, first.state)
    return first, second
