"""What many runs would cost, by what the stored ones took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd

Key = TypeVar("Key", bound=Hashable)


class Chained(Protocol):
    """A run, and those that it is made from."""

    @property
    def digest(self) -> str: ...
    def ancestors(self) -> Iterable[Chained]: ...


class Timed(Protocol):
    """A finished run, and what was recorded of its training."""

    @property
    def run(self) -> Chained: ...
    @property
    def provenance(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Sweep:
    """Runs like some that are stored: core-seconds of `each`, seconds of the shortest, the longest and a chain."""

    each: float
    shortest: float
    longest: float
    chain: float

    def core_hours(self, runs: int) -> float:
        """Return the core-hours of so many runs."""
        return runs * self.each / 3600

    def hours(self, runs: int, cores: int) -> float:
        """Return the hours until the last of them is done; no number of cores makes that shorter than a chain."""
        return max(self.core_hours(runs) / cores, self.chain / 3600)

    def widest(self, runs: int) -> float:
        """Return beyond how many cores the rest would wait."""
        return self.core_hours(runs) / (self.chain / 3600)

    def table(self, runs: int, cores: Sequence[int]) -> pd.DataFrame:
        """Return what so many runs cost on several numbers of cores."""
        return pd.DataFrame(
            {
                "Cores": [f"{n:,}" for n in cores],
                "Core-hours": f"{self.core_hours(runs):,.0f}",
                "Hours until the last is done": [f"{self.hours(runs, n):,.1f}" for n in cores],
            }
        )


def sweep(stored: Iterable[Timed]) -> Sweep:
    """Return what runs like these would cost: a chain is the longest of a run and all that it is made from."""
    found = list(stored)
    seconds = {one.run.digest: float(one.provenance["seconds"]) for one in found}
    each = [seconds[one.run.digest] * one.provenance["threads"] for one in found]
    chains = [
        seconds[one.run.digest] + sum(seconds.get(parent.digest, 0) for parent in one.run.ancestors()) for one in found
    ]
    return Sweep(float(np.mean(each)), min(seconds.values()), max(seconds.values()), max(chains))


def trained_on(stored: Iterable[Timed]) -> str:
    """Return with how many threads, and on what, runs were trained."""
    about = [one.provenance for one in stored]
    threads = sorted({int(one["threads"]) for one in about})
    counted = " or ".join(map(str, threads)) + (" thread" if threads == [1] else " threads")
    return f"{counted}, on {'; '.join(sorted({one['device'] for one in about}))}"


def rounds(after: Mapping[Key, Collection[Key]]) -> Counter[int]:
    """Return how many runs each round trains, where what waits for nothing is trained at once.

    `after` names what each run waits for, and those stand before it.
    """
    number: dict[Key, int] = {}
    for run, parents in after.items():
        number[run] = 1 + max((number[parent] for parent in parents), default=0)
    return Counter(number.values())
