"""A schedule says how much goes at each level."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from lth_lib.spec import Spec, require


def check_rate(rate: float) -> None:
    """Raise `SpecError` unless `rate` is a fraction of survivors that can go."""
    require(0 < rate < 1, f"rate was {rate!r}; it is the fraction of survivors that go, between 0 and 1.")


def check_density(density: float) -> None:
    """Raise `SpecError` unless something can be pruned to `density`."""
    require(0 < density < 1, f"density was {density!r}; it is kept weights over all, between 0 and 1.")


def towards(share: float, rounds: int) -> list[float]:
    """Return the rates after each of so many rounds, counted from the beginning: what is left falls geometrically."""
    return [1 - share ** (i / rounds) for i in range(1, rounds + 1)]


@dataclass(frozen=True)
class Schedule(Spec, ABC):
    """A list of levels, each a rate and how often it is applied before the network is trained again."""

    @abstractmethod
    def levels(self) -> tuple[tuple[float, int], ...]:
        """Return (rate, rounds) of each level."""


@dataclass(frozen=True)
class Geometric(Schedule):
    """The same rate of the survivors at every level: iterative pruning."""

    rate: float = 0.2
    count: int = 20

    def __post_init__(self) -> None:
        """Refuse impossible rates and counts."""
        super().__post_init__()
        check_rate(self.rate)
        require(self.count >= 0, f"count was {self.count!r}; it is 0 levels or more.")

    @classmethod
    def down_to(cls, density: float, rate: float = 0.2) -> Geometric:
        """Return the levels of `rate` that first leave at most `density` of the weights, where all lose that rate."""
        check_rate(rate)
        require(0 < density <= 1, f"density was {density!r}; it is kept weights over all, above 0 and at most 1.")
        # A hair less, so that a density that is reached exactly is not missed by rounding.
        return cls(rate, math.ceil(math.log(density) / math.log(1 - rate) - 1e-9))

    def levels(self) -> tuple[tuple[float, int], ...]:
        """Return one round for each level."""
        return ((self.rate, 1),) * self.count


@dataclass(frozen=True)
class OneShot(Schedule):
    """One level, met by as many rounds without training between them: one-shot pruning.

    It ends with exactly the counts of `Geometric(rate, rounds)`.
    """

    rate: float = 0.2
    rounds: int = 1

    def __post_init__(self) -> None:
        """Refuse impossible rates and counts."""
        super().__post_init__()
        check_rate(self.rate)
        require(self.rounds > 0, f"rounds was {self.rounds!r}; it is 1 or more.")

    def levels(self) -> tuple[tuple[float, int], ...]:
        """Return the one level."""
        return ((self.rate, self.rounds),)


@dataclass(frozen=True)
class Selected(Schedule):
    """Some levels of `Geometric(rate)`: between two of them a network is pruned several times, not trained.

    The levels keep their numbers, and their exact counts.
    """

    rate: float
    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse impossible rates, and numbers that do not rise from 1."""
        super().__post_init__()
        check_rate(self.rate)
        rising = all(a < b for a, b in zip((0, *self.numbers), self.numbers, strict=False))
        require(bool(self.numbers) and rising, f"numbers was {self.numbers!r}; they rise, from 1 or more.")

    def levels(self) -> tuple[tuple[float, int], ...]:
        """Return as many rounds for each level as numbers lie between."""
        return tuple((self.rate, b - a) for a, b in zip((0, *self.numbers), self.numbers, strict=False))
