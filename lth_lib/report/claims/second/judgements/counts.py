"""Directions are counted over levels, after Holm's correction."""

from __future__ import annotations

import dataclasses

from lth_lib.report.claims.second.comparison import NEAR, StudyCell
from lth_lib.report.claims.second.evidence import Evidence, Part
from lth_lib.report.claims.second.finding import Finding, by_counts, counted, counts, said
from lth_lib.report.claims.second.judgements.base import Asked, Judgement
from lth_lib.report.claims.second.questions import MARGIN
from lth_lib.report.claims.second.wording import enumerated, hundredths, numeral
from lth_lib.report.claims.words import NOT_REPRODUCED, PARTLY, REPRODUCED, UNDECIDED
from lth_lib.spec import require


@dataclasses.dataclass(frozen=True)
class Counted(Judgement):
    """Two comparisons at the same levels, each counted: partly if `both` of them, or one, are yes at `needed` levels.

    `where` names the levels, `between` the two sides; levels that are `drawn` and not judged are said.
    """

    where: str
    between: str
    pair: tuple[Asked, Asked]
    needed: int
    both: bool
    drawn: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        first, second = self.pair
        same = first.levels == second.levels
        require(same, f"Both comparisons are counted over the same levels; given were {first.levels}, {second.levels}.")
        _check(self.needed, len(first.levels))

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return tuple(cell for asked in self.pair for cell in asked.cells)

    @property
    def sentence(self) -> str:
        first, second = self.pair
        count = len(first.levels)
        yes, no = (
            ("each of the two is", "one of the two is") if self.both else ("one of the two, or both, is", "both are")
        )
        drawn = dataclasses.replace(first, levels=self.drawn)
        return (
            f"At {first.place(self.where)}, two comparisons {self.between}: {first.sentence}, and {second.sentence}. "
            f"Reproduced: all {numeral(2 * count)} are yes. Partly: {yes} yes at {numeral(self.needed)} or more of the "
            f"{numeral(count)} densities. Not reproduced: {no} no at {numeral(count - self.needed + 1)} or more. "
            "Undecided: otherwise."
        ) + (f" The levels at {drawn.densities} are drawn, not judged." if self.drawn else "")

    def finding(self, evidence: Evidence) -> Finding:
        groups = [asked.parts(evidence) for asked in self.pair]
        reason = "; ".join(counted(asked.name, parts) for asked, parts in zip(self.pair, groups, strict=True))
        verdict = by_counts(groups, self.needed, all if self.both else any)
        return Finding(verdict, reason, (*groups[0], *groups[1]))


@dataclasses.dataclass(frozen=True)
class Pooled(Judgement):
    """Comparisons at levels of their own, corrected and counted together: partly if `needed` of all are yes."""

    where: str
    between: str
    asked: tuple[Asked, ...]
    needed: int

    def __post_init__(self) -> None:
        _check(self.needed, self.count)

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return tuple(cell for asked in self.asked for cell in asked.cells)

    @property
    def count(self) -> int:
        """How many answers there are."""
        return sum(len(asked.levels) for asked in self.asked)

    @property
    def sentence(self) -> str:
        every, told = numeral(self.count), ", and ".join(asked.sentence for asked in self.asked)
        comparisons = f"{numeral(len(self.asked))} comparison{'s' if len(self.asked) > 1 else ''}"
        return (
            f"At {self.asked[0].place(self.where)}, {comparisons} {self.between}: {told}. Reproduced: all {every} are "
            f"yes. Partly: {numeral(self.needed)} or more of the {every} are yes. Not reproduced: "
            f"{numeral(self.count - self.needed + 1)} or more are no. Undecided: otherwise. The {every} are corrected "
            "together."
        )

    def finding(self, evidence: Evidence) -> Finding:
        groups = [asked.parts(evidence) for asked in self.asked]
        parts = tuple(part for group in groups for part in group)
        yes, no = counts(parts)
        told = "; ".join(said(asked.name, group) for asked, group in zip(self.asked, groups, strict=True))
        reason = f"{told} (after correction {yes} yes and {no} no, of {self.count})"
        return Finding(by_counts((parts,), self.needed, all), reason, parts)


@dataclasses.dataclass(frozen=True)
class Ahead(Judgement):
    """One of two kinds of ticket is ahead at `needed` levels or more, and the other at none.

    `what` says what is compared, of `{one}` and the `{other}`, whose densities are `{near}` points apart at most.
    """

    what: str
    asked: Asked
    needed: int

    def __post_init__(self) -> None:
        _check(self.needed, len(self.asked.levels))

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        return self.asked.cells

    @property
    def sentence(self) -> str:
        one, other = self.asked.compared.left.word, self.asked.compared.right.word
        what = self.what.format(one=one, other=other, near=hundredths(NEAR))
        every = numeral(len(self.asked.levels))
        return (
            f"at levels {enumerated(self.asked.levels)}, {what}. Reproduced: the {one} ticket is {self.asked.said} at "
            f"{numeral(self.needed)} or more of the {every}, and the {other} one at none. Partly: the {one} one is "
            f"{self.asked.said} at one or more, which is not enough for that. Not reproduced: it is at none, and the "
            f"{other} one at one or more, or all {every} differences lie wholly within {hundredths(MARGIN)} points. "
            "Undecided: otherwise."
        )

    def finding(self, evidence: Evidence) -> Finding:
        parts = self.asked.parts(evidence)
        return Finding(self._verdict(parts), counted(self.asked.name, parts), parts)

    def _verdict(self, parts: tuple[Part, ...]) -> str:
        yes, no = counts(parts)
        if yes:
            return REPRODUCED if yes >= self.needed and not no else PARTLY
        same = all(part.found.inside(-MARGIN, MARGIN) for part in parts)
        return NOT_REPRODUCED if no or same else UNDECIDED


def _check(needed: int, count: int) -> None:
    """Refuse to need none of the answers, or more of them than there are."""
    require(1 <= needed <= count, f"needed was {needed}; of {count} answers, it is 1 to {count}.")
