"""Trainings that note every step they take, and a place without renaming that every process sees."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fsspec
import tiny
import upath.registry
from fsspec.implementations.local import LocalFileSystem
from upath import UPath

from lth_lib.training.recipe import LearningRate, Setting

STEPS, SEGMENT = 40, 10


@dataclass(frozen=True)
class Noted(LearningRate):
    """A constant rate that notes process and step in a folder, and may wait for others, kill its process, or fail."""

    base: float
    folder: str = ""
    name: str = "a"
    meets: int = 1
    killed_at: int = -1
    fails_at: int = -1
    seconds: float = 0.0

    def at(self, step: int) -> float:
        """Note the step; return the rate."""
        folder = Path(self.folder)
        with (folder / f"{self.name}.steps").open("a") as file:
            file.write(f"{os.getpid()} {step}\n")
        self._meet(folder)
        if step == self.killed_at and not (folder / "killed").exists():
            (folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if step == self.fails_at:
            raise ArithmeticError(f"step {step} was meant to fail")
        time.sleep(self.seconds)
        return self.base

    def _meet(self, folder: Path) -> None:
        """Go on when as many trainings of other names have begun."""
        until = time.monotonic() + 60
        while len(list(folder.glob("*.steps"))) < self.meets:
            assert time.monotonic() < until, "the others did not begin"
            time.sleep(0.01)


def setting(folder: Path, name: str = "a", **how: Any) -> Setting:
    """Return the tiny setting whose steps are noted in a folder, under a name."""
    given = tiny.setting(steps=STEPS, segment=SEGMENT)
    return replace(given, recipe=replace(given.recipe, rate=Noted(1e-2, folder=str(folder), name=name, **how)))


def steps(folder: Path, name: str = "a") -> dict[int, list[int]]:
    """Return the steps that each process has taken, in order, the first process first."""
    out: dict[int, list[int]] = {}
    for line in (folder / f"{name}.steps").read_text().splitlines():
        process, step = map(int, line.split())
        out.setdefault(process, []).append(step)
    return out


class Bucket(LocalFileSystem):
    """What an object store is to a store: files appear whole, and it is no folder of this machine's."""

    protocol = "bucket"

    def __init__(self, **options: Any) -> None:
        super().__init__(auto_mkdir=True, **options)


class BucketPath(UPath):
    """A path in a bucket; a process that is sent one imports this file, and so knows buckets."""


fsspec.register_implementation("bucket", Bucket)
upath.registry.register_implementation("bucket", BucketPath)
