"""From answers to a verdict, and its reason in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from lth_lib.report.claims.second.evidence import Part, all_yes, any_no, significant
from lth_lib.report.claims.second.questions import NO, OPEN, YES, Direction
from lth_lib.report.claims.words import NOT_REPRODUCED, PARTLY, REPRODUCED, UNDECIDED

DECIDES = {REPRODUCED: (YES,), PARTLY: (NO, OPEN), NOT_REPRODUCED: (NO, OPEN), UNDECIDED: (OPEN, NO)}
"""The answers that bring about a verdict, the foremost first: one that is partly so is kept from being wholly so."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """A verdict, the comparisons it rests on, and the reason."""

    verdict: str
    reason: str
    parts: tuple[Part, ...]

    @property
    def deciding(self) -> Part:
        """The first comparison whose answer brings about the verdict; the first of all where correction alone does."""
        of = [part for answer in DECIDES[self.verdict] for part in self.parts if part.answer == answer]
        return (*of, *self.parts)[0]


def graded(directions: Sequence[Part], sizes: Sequence[Part]) -> str:
    """Return the verdict on published sizes, each with its direction."""
    if all_yes(sizes):
        return REPRODUCED
    if all(part.answer == NO for part in directions):
        return NOT_REPRODUCED
    return PARTLY if any(part.answer == YES for part in directions) and any_no((*directions, *sizes)) else UNDECIDED


def counts(parts: Sequence[Part]) -> tuple[int, int]:
    """Return how many directions are yes, and how many no, after Holm's correction over all of them."""
    asked = [(part, part.asked) for part in parts if isinstance(part.asked, Direction)]
    yes = significant([part.p_above(asked.above) for part, asked in asked])
    no = significant([1.0 if part.answer == YES else part.p_below(asked.below) for part, asked in asked])
    return sum(yes), sum(no)


def by_counts(groups: Sequence[Sequence[Part]], needed: int, of: Callable[[Sequence[bool]], bool]) -> str:
    """Return the verdict on groups of comparisons over levels.

    Reproduced if all are yes. Partly if `of` the groups (`all` or `any`) have `needed` levels that are yes; not
    reproduced if so many are no that this is out of reach.
    """
    found = [counts(group) for group in groups]
    reached = [yes >= needed for yes, _ in found]
    reachable = [no <= len(group) - needed for group, (_, no) in zip(groups, found, strict=True)]
    if all(all_yes(group) for group in groups):
        return REPRODUCED
    if of(reached):
        return PARTLY
    return UNDECIDED if of(reachable) else NOT_REPRODUCED


def said(name: str, parts: Sequence[Part]) -> str:
    """Return at which densities something is yes, no and undecided."""
    where = {word: [part.at for part in parts if part.answer == word] for word in (YES, NO, OPEN)}
    told = [f"{word} at {', '.join(at)}" for word, at in where.items() if at]
    if len(told) > 1:
        return f"{name}: {'; '.join(told)}"
    return f"{name}: {parts[0].answer}" + (f" at all {len(parts)}" if len(parts) > 1 else "")


def counted(name: str, parts: Sequence[Part]) -> str:
    """Return the same, with what is left of it after Holm's correction."""
    yes, no = counts(parts)
    return f"{said(name, parts)} (corrected: {yes} yes and {no} no of {len(parts)})"
