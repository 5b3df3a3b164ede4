"""What is asked of methods on one data set, and asked again of another: shown on both, turned round, or not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lth_lib.report.stats.compare import Cell, difference
from lth_lib.report.stats.intervals import Interval
from lth_lib.report.stats.many import standing
from lth_lib.report.stats.series import Contrasts
from lth_lib.report.stats.tables import Table

AGAIN, TURNED, LOST, NEW, NEITHER = "yes", "turned round", "not shown", "only there", "on neither"
"""Whether what the first data set shows the other shows again, the other way round or not; or it alone shows it."""

Key = TypeVar("Key")
Answers = dict[tuple[str, int], Interval]
"""A difference by its question in words and its level."""


def asked(table: Table, questions: Mapping[str, tuple[str, str, str]], levels: Sequence[int]) -> Answers:
    """Return, for each question in words (one series, another, a column) and level, what one has more than the other.

    All replicates of both are compared (Welch). The dense network, which has one level, stands beside each; a level
    that one of the two has not is left out.
    """
    there = set(table[["series", "level"]].itertuples(index=False, name=None))
    cells = {
        (words, level): (_cell(one, level), _cell(other, level), y)
        for words, (one, other, y) in questions.items()
        for level in levels
    }
    return {
        key: difference(table, y, one, other, shared=False)
        for key, (one, other, y) in cells.items()
        if {one, other} <= there
    }


def _cell(series: str, level: int) -> Cell:
    return (series, 0 if series == "dense" else level)


def asked_again(first: Mapping[Key, Interval], other: Mapping[Key, Interval]) -> dict[Key, str]:
    """Return whether each of some differences, as found on one data set, is shown on another (Holm over each's own)."""
    (ahead, behind), (still, now) = standing(first), standing(other)

    def told(key: Key) -> str:
        if key in ahead or key in behind:
            same, turned = (still, now) if key in ahead else (now, still)
            return AGAIN if key in same else TURNED if key in turned else LOST
        return NEW if key in still or key in now else NEITHER

    return {key: told(key) for key in first}


@dataclass(frozen=True)
class Said:
    """What a page says, in words: of which family of differences, which of them are above 0, or `below` it."""

    words: str
    family: str
    of: tuple[tuple[str, int], ...]
    below: bool = False


@dataclass(frozen=True)
class Borne:
    """How many differences that a page speaks of are shown to be so, how many the other way round, and of how many."""

    shown: int
    turned: int
    of: int

    @property
    def verdict(self) -> str:
        """`yes` where all are shown, `in part` where some are, and `no` where none is or one is turned round."""
        return "no" if self.turned or not self.shown else "yes" if self.shown == self.of else "in part"


def borne_out(said: Said, families: Mapping[str, Contrasts]) -> Borne:
    """Return how far some families of differences bear out what a page says (Holm's correction over its family)."""
    above, below = standing(families[said.family])
    so, turned = (below, above) if said.below else (above, below)
    return Borne(sum(key in so for key in said.of), sum(key in turned for key in said.of), len(said.of))
