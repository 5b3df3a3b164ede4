"""Judgements of several parts: none is earlier than one ticket; three parts that are all needed."""

from __future__ import annotations

import dataclasses

from lth_lib.report.claims.second.comparison import Comparison, Side, StudyCell, before
from lth_lib.report.claims.second.evidence import Evidence, all_yes, significant
from lth_lib.report.claims.second.finding import Finding, counts, said
from lth_lib.report.claims.second.judgements.base import Asked, Judgement
from lth_lib.report.claims.second.judgements.sizes import Claimed
from lth_lib.report.claims.second.questions import NO, OPEN, TEMPO, UNBEATEN, YES
from lth_lib.report.claims.second.wording import hundredths, numeral
from lth_lib.report.claims.words import NOT_REPRODUCED, PARTLY, REPRODUCED, UNDECIDED

_TEMPO = f"{numeral(round(TEMPO * 100 - 100))} per cent"


@dataclasses.dataclass(frozen=True)
class Earliest(Judgement):
    """The ticket of one level stops earliest of all; the `dense` network is waited for, and not compared."""

    ticket: Side
    dense: Side
    level: int
    levels: tuple[int, ...]

    @property
    def at(self) -> str:
        """The density of the ticket in words."""
        return self.ticket.cell(self.level).at

    @property
    def others(self) -> tuple[int, ...]:
        """The levels of the other tickets."""
        return tuple(level for level in self.levels if level != self.level)

    @property
    def compared(self) -> Comparison:
        """Another ticket over this one."""
        own = dataclasses.replace(self.ticket, level=self.level, word=f"that at {self.at}")
        return before(own, dataclasses.replace(self.ticket, word="another ticket"))

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return (self.dense.cell(0), *(cell for level in self.others for cell in self.compared.cells(level)))

    @property
    def sentence(self) -> str:
        count, even = numeral(len(self.others)), f"{UNBEATEN.below:g}"
        return (
            f"Of levels {self.levels[0]} to {self.levels[-1]}, the early stops of each of the other {count} over those "
            f"at {self.at}. Not reproduced: at one level or more, another ticket is earlier (its whole interval lies "
            f"below {even}, after Holm's correction over the {count}). Reproduced: none is, and all {count} intervals "
            f"lie wholly above {even} over {TEMPO:g}, so that no ticket stops more than {_TEMPO} earlier. Undecided: "
            "otherwise. This rule has no partly."
        )

    def finding(self, evidence: Evidence) -> Finding:
        parts = tuple(evidence.part(self.compared, level, UNBEATEN) for level in self.others)
        shown = significant([part.p_below(UNBEATEN.below) for part in parts])
        beaten = [part.at for part, earlier in zip(parts, shown, strict=True) if earlier]
        verdict = NOT_REPRODUCED if beaten else REPRODUCED if all_yes(parts) else UNDECIDED
        reason = f"earlier than {self.at}: {', '.join(beaten) or 'shown of none'}; {said(f'within {_TEMPO}', parts)}"
        return Finding(verdict, reason, parts)


@dataclasses.dataclass(frozen=True)
class AllThree(Judgement):
    """A ticket that is so much earlier, one so much better, and all that hold: down to a density, says the source."""

    earlier: Claimed
    better: Claimed
    hold: Asked
    down_to: float

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return (*self.earlier.cells, *self.better.cells, *self.hold.cells)

    @property
    def sentence(self) -> str:
        cells = [self.hold.compared.cell(level) for level in self.hold.levels]
        ends = f"{cells[0].percent} to {cells[-1].at}"
        return (
            f"Three parts, each against {self.hold.compared.right.word}. (a) At {self.earlier.at}, "
            f"{self.earlier.size.met}. (b) At {self.better.at}, {self.better.size.met}. (c) At every level that was "
            f"run ({ends}), {self.hold.sentence}: yes if it does at all of them, no if at one or more it lies "
            f"wholly below {hundredths(self.hold.direction.below)} points (after Holm's correction over the levels). "
            "Reproduced: all three are yes. Partly: one or more is yes, and another no. Not reproduced: all three are "
            "no. Undecided: otherwise."
        )

    def finding(self, evidence: Evidence) -> Finding:
        fast, good = self.earlier.part(evidence), self.better.part(evidence)
        holds = self.hold.parts(evidence)
        held = YES if all_yes(holds) else NO if counts(holds)[1] else OPEN
        stated = [evidence.state(cell) for cell in reversed(self.better.cells)]
        reason = f"{self.earlier.reason(fast)}; {self.better.reason(good)}; {self.hold.name} {self._deepest}: {held}"
        return Finding(_of_three({fast.answer, good.answer, held}), reason, (fast, good, *holds, *stated))

    @property
    def _deepest(self) -> str:
        """The density down to which tickets are said to hold."""
        return f"{hundredths(self.down_to)} %"


def _of_three(answers: set[str]) -> str:
    """Return the verdict on parts that are all needed."""
    if answers == {YES}:
        return REPRODUCED
    if answers == {NO}:
        return NOT_REPRODUCED
    return PARTLY if {YES, NO} <= answers else UNDECIDED
