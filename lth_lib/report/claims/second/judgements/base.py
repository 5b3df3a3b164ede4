"""A judgement is what decides: from it come a rule's sentence, the cells that it needs, and its verdict."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod

from lth_lib.report.claims.second.comparison import Comparison, StudyCell
from lth_lib.report.claims.second.evidence import Evidence, Part
from lth_lib.report.claims.second.finding import Finding
from lth_lib.report.claims.second.questions import Direction
from lth_lib.report.claims.second.wording import enumerated, hundredths, numeral


class Judgement(ABC):
    """What decides, written once as values.

    Words among the values may have slots, such as `{densities}`; the numbers are filled in from the values.
    """

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The rule in words: what is compared, and when each verdict falls."""

    @property
    @abstractmethod
    def cells(self) -> tuple[StudyCell, ...]:
        """The cells without which it is not judged."""

    @abstractmethod
    def finding(self, evidence: Evidence) -> Finding:
        """Return the verdict."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """A comparison at some levels, and which direction is asked for: `said` in the sentence, `name` in the reason."""

    compared: Comparison
    levels: tuple[int, ...]
    direction: Direction
    said: str
    name: str

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        """The cells that are compared."""
        return tuple(cell for level in self.levels for cell in self.compared.cells(level))

    @property
    def densities(self) -> str:
        """The densities in words."""
        return f"{enumerated(self.compared.cell(level).percent for level in self.levels)} %"

    @property
    def sentence(self) -> str:
        """What is asked; `{yes}` and `{no}` are the bounds of the two answers."""
        yes, no = hundredths(self.direction.above), f"{self.direction.below * 100:+g} points"
        return self.said.format(densities=self.densities, yes=yes, no=no)

    def place(self, words: str) -> str:
        """Return where it is asked."""
        return words.format(count=numeral(len(self.levels)), densities=self.densities)

    def parts(self, evidence: Evidence) -> tuple[Part, ...]:
        """Return what the tables say, level by level."""
        return tuple(evidence.part(self.compared, level, self.direction) for level in self.levels)
