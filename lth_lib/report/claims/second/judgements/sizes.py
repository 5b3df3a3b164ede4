"""A published size is met or missed."""

from __future__ import annotations

import dataclasses

from lth_lib.report.claims.second.comparison import Comparison, StudyCell
from lth_lib.report.claims.second.evidence import Evidence, Part
from lth_lib.report.claims.second.finding import Finding, graded, said
from lth_lib.report.claims.second.judgements.base import Judgement
from lth_lib.report.claims.second.published import Published
from lth_lib.report.claims.second.questions import MARGIN, NO, SAME, YES, Direction
from lth_lib.report.claims.second.wording import hundredths
from lth_lib.report.claims.words import NOT_REPRODUCED, REPRODUCED, UNDECIDED


@dataclasses.dataclass(frozen=True)
class Claimed:
    """A size that is published of a comparison at a level."""

    compared: Comparison
    level: int
    size: Published

    @property
    def cells(self) -> tuple[StudyCell, StudyCell]:
        """The cells that are compared."""
        return self.compared.cells(self.level)

    @property
    def at(self) -> str:
        """The density in words."""
        return self.compared.cell(self.level).at

    def part(self, evidence: Evidence) -> Part:
        """Return whether it is met."""
        return evidence.part(self.compared, self.level, self.size.question)

    def reason(self, part: Part) -> str:
        """Return that in words."""
        return said(self.size.name, [part])


@dataclasses.dataclass(frozen=True)
class Sized(Judgement):
    """A published size and its direction, which is `said` in the sentence and has a `name` in the reason."""

    claimed: Claimed
    direction: Direction
    said: str
    name: str

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return self.claimed.cells

    @property
    def sentence(self) -> str:
        size, told = self.claimed.size, self.claimed.compared.said
        return (
            f"At {self.claimed.at}, {'; '.join(filter(None, (told, size.definition)))}. Reproduced: {size.met}. "
            f"Partly: the ticket is {self.said} and the size is missed. Not reproduced: {self.said} is no. Undecided: "
            "otherwise."
        )

    def both(self, evidence: Evidence) -> tuple[Part, Part]:
        """Return the direction and the size."""
        lead = evidence.part(self.claimed.compared, self.claimed.level, self.direction)
        return lead, self.claimed.part(evidence)

    def reason(self, lead: Part, size: Part) -> str:
        """Return both in words."""
        return f"{said(self.name, [lead])}; {self.claimed.reason(size)}"

    def finding(self, evidence: Evidence) -> Finding:
        lead, size = self.both(evidence)
        return Finding(graded([lead], [size]), self.reason(lead, size), (size,))


@dataclasses.dataclass(frozen=True)
class BothSized(Judgement):
    """Two published sizes of one pair of cells, each with its direction; `between` names the two sides."""

    between: str
    pair: tuple[Sized, Sized]

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return tuple(cell for own in self.pair for cell in own.cells)

    @property
    def sentence(self) -> str:
        first, second = self.pair
        sizes = f"{first.claimed.size.said} and {second.claimed.size.said}"
        return (
            f"At {first.claimed.at}, two comparisons {self.between}: {first.said}, and {second.said}. Reproduced: both "
            f"sizes are met, {sizes}. Partly: one of the two directions, or both, is yes, and a direction or a size is "
            "no. Not reproduced: both directions are no. Undecided: otherwise."
        )

    def finding(self, evidence: Evidence) -> Finding:
        found = [own.both(evidence) for own in self.pair]
        directions, sizes = zip(*found, strict=True)
        reason = "; ".join(own.reason(*parts) for own, parts in zip(self.pair, found, strict=True))
        return Finding(graded(directions, sizes), reason, sizes)


@dataclasses.dataclass(frozen=True)
class Equal(Judgement):
    """A published difference of nothing at a level."""

    compared: Comparison
    level: int

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return self.compared.cells(self.level)

    @property
    def sentence(self) -> str:
        at = self.compared.cell(self.level).at
        return (
            f"At {at}, {self.compared.said}. Reproduced: a size of 0 is met. Not reproduced: it is missed, on either "
            "side. Undecided: otherwise. This rule has no partly."
        )

    def finding(self, evidence: Evidence) -> Finding:
        part = evidence.part(self.compared, self.level, SAME)
        verdict = {YES: REPRODUCED, NO: NOT_REPRODUCED}.get(part.answer, UNDECIDED)
        name = f"within {hundredths(MARGIN)} points of {self.compared.right.word}"
        return Finding(verdict, "; ".join(filter(None, (said(name, [part]), self.side(part)))), (part,))

    def side(self, part: Part) -> str:
        """Return on which side it is missed, in words; an empty text where it is not."""
        if part.answer != NO:
            return ""
        return "still better" if part.found.mean > 0 else "still worse"
