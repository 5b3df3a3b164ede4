"""What is timed is done in turns with what it is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from lth_lib.report.turns import Row

REPEATS = 15
"""Turns of what is timed: a machine that is shared with others may be a third slower for seconds."""

FEW = 5
"""Turns of what takes long."""


@dataclass(frozen=True)
class Work:
    """Something to time: a function that does `count` things of a `unit`, `flop` operations in all."""

    run: Callable[[], object]
    count: float
    unit: str
    flop: float = 0.0


def in_turns(work: Mapping[str, Work], repeats: int = REPEATS) -> list[Row]:
    """Do each piece of work once to warm up, then all in turns, so that a noisy minute strikes them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(repeats + 1):
        for name, piece in work.items():
            began = time.perf_counter()
            piece.run()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return [Row(name, tuple(seconds[name]), p.count, p.unit, p.flop) for name, p in work.items()]
