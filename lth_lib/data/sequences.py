"""Sequences of tokens, drawn from streams: tasks small enough to try a method on."""

from __future__ import annotations

import functools
import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lth_lib.data.arrays import Arrays, Split
from lth_lib.data.dataset import Dataset
from lth_lib.data.task import UNASKED, NextToken, Task
from lth_lib.replicates import stream


@dataclass(frozen=True)
class Sequences(Dataset, ABC):
    """Sequences of 12 tokens, 0 to 8: 4,000 to train, 500 to validate, 1,000 to test."""

    shape: ClassVar[tuple[int, ...]] = (12,)
    held_out: ClassVar[int] = 500
    trained: ClassVar[int | None] = 4_000
    tested: ClassVar[int] = 1_000

    @abstractmethod
    def draw(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return so many sequences, int64 [N, T], and their targets, int64 [N] or [N, T]."""

    def load(self, device: str | torch.device = "cpu") -> Arrays:
        """Return the sequences on a device; the same arrays when asked again."""
        return _load(self, str(device))


@functools.cache
def _load(dataset: Sequences, device: str) -> Arrays:
    content, splits = hashlib.sha256(), []
    for part, count in (("train", dataset.trained), ("valid", dataset.held_out), ("test", dataset.tested)):
        assert count is not None
        drawn = dataset.draw(stream(0, "sequences", type(dataset).__name__, part), count)
        for array in drawn:
            content.update(array.tobytes())
        splits.append(Split(*(torch.from_numpy(array).to(device) for array in drawn)))
    train, valid, test = splits
    return Arrays(train, valid, test, content.hexdigest())


@dataclass(frozen=True)
class Marked(Sequences):
    """Which token stands behind the mark? Eight tokens, and a ninth that marks one place in each sequence."""

    classes: ClassVar[int] = 8

    def draw(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return random tokens with a mark somewhere before the last, and the token after it."""
        x = rng.integers(0, self.classes, (count, *self.shape))
        place = rng.integers(0, self.shape[0] - 1, count)
        x[np.arange(count), place] = self.classes
        return x, x[np.arange(count), place + 1]


@dataclass(frozen=True)
class Repeated(Sequences):
    """What comes next? Four random tokens of eight, again and again: from the fifth on it can be known."""

    task: ClassVar[Task] = NextToken()
    classes: ClassVar[int] = 8

    def draw(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return repeated tokens, and those that follow, asked from the fourth position on."""
        length = self.shape[0]
        x = np.tile(rng.integers(0, self.classes, (count, 4)), length // 4 + 1)[:, : length + 1]
        y = x[:, 1:].copy()
        y[:, :3] = UNASKED
        return x[:, :-1].copy(), y
