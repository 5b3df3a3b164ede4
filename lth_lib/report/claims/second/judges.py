"""How the claims are judged by the second edition; `rules` says it in words."""

from __future__ import annotations

from lth_lib.report.claims.second.common import MARGIN, TEMPO
from lth_lib.report.claims.second.evidence import Cell, Evidence, Part, all_yes, any_no, significant
from lth_lib.report.claims.second.finding import Finding, by_counts, counted, counts, graded, said
from lth_lib.report.claims.second.questions import (
    BETTER,
    EARLIER,
    MATCHES,
    NO,
    OPEN,
    SAME,
    YES,
    Direction,
    Question,
    more_than,
    points,
    times,
)
from lth_lib.report.claims.words import NOT_REPRODUCED, PARTLY, REPRODUCED, UNDECIDED

PLAN = (3, 7, 10, 13)  # the levels nearest to the plan's 50, 20, 10 and 5 %
TICKETS = (7, 9, 10, 13, 15)  # the controlled levels between 21.1 and 3.6 %, where the paper sees winning tickets
SMALL = (15, 18, 20)  # below the sizes at which the paper's one-shot tickets still win
EVERY = range(1, 21)
SCOPED = (3, 7, 10, 13, 15, 18, 20)
CONV = (2, 4, 7, 9, 11, 14, 17)
NARROWER = Direction(0, MARGIN)

OVER_DENSE, OVER_AGAIN = "accuracy, ticket minus dense", "accuracy, ticket minus re-initialised"
BEFORE_DENSE, BEFORE_AGAIN = "early stop, dense over ticket", "early stop, re-initialised over ticket"


def lenet_density(level: int) -> float:
    """Return LeNet-300-100's density after `level` levels at 20 % each, the output layer at 10 %."""
    return (265_200 * 0.8**level + 1_000 * 0.9**level) / 266_200


def conv_density(level: int) -> float:
    """Return Conv-2's density after `level` levels: fully connected layers 20 % each, convolutions and output 10 %."""
    return (4_259_840 * 0.8**level + 41_152 * 0.9**level) / 4_300_992


def published_density(cell: Cell) -> float:
    """Return the published density of a cell."""
    return (conv_density if cell.study == "convolutional" else lenet_density)(cell.level)


def at(cell: Cell) -> str:
    """Return a cell's density in words."""
    return f"{published_density(cell) * 100:.1f} %"


def dense(study: str) -> Cell:
    """Return the dense network of a study."""
    return Cell(study, "dense", 0)


def ticket(study: str, level: int) -> Cell:
    """Return the winning ticket of a level."""
    return Cell(study, "winning ticket", level)


def again(study: str, level: int) -> Cell:
    """Return the re-initialised control of a level."""
    return Cell(study, "re-initialised", level)


def once(study: str, level: int) -> Cell:
    """Return the one-shot ticket of a level."""
    return Cell(study, "one-shot ticket", level)


def _over(evidence: Evidence, own: Cell, asked: Question) -> Part:
    """Return a ticket's accuracy minus its dense network's."""
    return evidence.accuracy(OVER_DENSE, at(own), own, dense(own.study), asked)


def _before(evidence: Evidence, own: Cell, asked: Question) -> Part:
    """Return how much earlier a ticket stops than its dense network."""
    return evidence.earlier(BEFORE_DENSE, at(own), own, dense(own.study), asked)


def match_and_faster(evidence: Evidence, study: str) -> Finding:
    """Judge claim 1."""
    own = [ticket(study, level) for level in PLAN]
    match = [_over(evidence, cell, MATCHES) for cell in own]
    faster = [_before(evidence, cell, EARLIER) for cell in own]
    reason = f"{counted('matches or exceeds dense', match)}; {counted('earlier', faster)}"
    return Finding(by_counts((match, faster), 2, all), reason, (*match, *faster))


def reinitialised_worse(evidence: Evidence, study: str) -> Finding:
    """Judge claim 2."""
    cells = [(ticket(study, level), again(study, level)) for level in TICKETS]
    better = [evidence.accuracy(OVER_AGAIN, at(own), own, other, BETTER, shared=True) for own, other in cells]
    faster = [evidence.earlier(BEFORE_AGAIN, at(own), own, other, EARLIER, shared=True) for own, other in cells]
    reason = f"{counted('ticket more accurate', better)}; {counted('ticket earlier', faster)}"
    return Finding(by_counts((better, faster), 3, any), reason, (*better, *faster))


def earlier_by(evidence: Evidence, study: str) -> Finding:
    """Judge the first half of claim 3."""
    own = ticket(study, 7)
    lead, size = (_before(evidence, own, asked) for asked in (EARLIER, times(1 / (1 - 0.38))))
    reason = f"{said('earlier', [lead])}; {said('by 38 %, 1.61 times (1.27 to 2.60)', [size])}"
    return Finding(graded(lead, size), reason, (size,))


def earliest(evidence: Evidence, study: str) -> Finding:
    """Judge the second half of claim 3."""
    own, asked = ticket(study, 7), Direction(1 / TEMPO, 1)
    others = [ticket(study, level) for level in EVERY if level != 7]
    name = "early stop, another ticket over that at 21.1 %"
    parts = [evidence.earlier(name, at(other), own, other, asked) for other in others]
    beaten = [part.at for part, shown in zip(parts, significant([p.p_below(1) for p in parts]), strict=True) if shown]
    verdict = NOT_REPRODUCED if beaten else REPRODUCED if all_yes(parts) else UNDECIDED
    reason = f"earlier than 21.1 %: {', '.join(beaten) or 'shown of none'}; {said('within ten per cent', parts)}"
    return Finding(verdict, reason, tuple(parts))


def gain(evidence: Evidence, study: str) -> Finding:
    """Judge claim 4."""
    lead, size = (_over(evidence, ticket(study, 9), asked) for asked in (BETTER, more_than(0.003)))
    reason = f"{said('more accurate', [lead])}; {said('more than 0.3 points (above 0.15)', [size])}"
    return Finding(graded(lead, size), reason, (size,))


def returns(evidence: Evidence, study: str) -> Finding:
    """Judge claim 5."""
    part = _over(evidence, ticket(study, 15), SAME)
    verdict = {YES: REPRODUCED, NO: NOT_REPRODUCED}.get(part.answer, UNDECIDED)
    return Finding(verdict, said("within 0.2 points of dense", [part]), (part,))


def beats_reinitialised(evidence: Evidence, study: str) -> Finding:
    """Judge claim 6."""
    own, other = ticket(study, 7), again(study, 7)
    faster, fast = (
        evidence.earlier(BEFORE_AGAIN, at(own), own, other, asked, shared=True) for asked in (EARLIER, times(2.51))
    )
    better, good = (
        evidence.accuracy(OVER_AGAIN, at(own), own, other, asked, shared=True) for asked in (BETTER, points(0.005))
    )
    directions, every = (faster, better), (faster, fast, better, good)
    reason = "; ".join(
        said(name, [part]) for name, part in zip(("faster", "2.51 times", "better", "+0.5 points"), every, strict=True)
    )
    if all_yes((fast, good)):
        return Finding(REPRODUCED, reason, (fast, good))
    if all(part.answer == NO for part in directions):
        return Finding(NOT_REPRODUCED, reason, (fast, good))
    partly = any(part.answer == YES for part in directions) and any_no(every)
    return Finding(PARTLY if partly else UNDECIDED, reason, (fast, good))


def iterative_beats_one_shot(evidence: Evidence, study: str, other: str) -> Finding:
    """Judge the first half of claim 13."""
    cells = [(ticket(study, level), once(other, level)) for level in SMALL]
    better = [evidence.accuracy("accuracy, iterative minus one-shot", at(a), a, b, BETTER) for a, b in cells]
    faster = [evidence.earlier("early stop, one-shot over iterative", at(a), a, b, EARLIER) for a, b in cells]
    reason = f"{counted('iterative more accurate', better)}; {counted('iterative earlier', faster)}"
    return Finding(by_counts((better, faster), 2, any), reason, (*better, *faster))


def one_shot_wins(evidence: Evidence, study: str, other: str) -> Finding:
    """Judge the second half of claim 13."""
    start = dense(study)
    soon, good = [once(other, level) for level in PLAN[:2]], [once(other, level) for level in PLAN]
    faster = [evidence.earlier("early stop, dense over one-shot", at(own), own, start, EARLIER) for own in soon]
    better = [evidence.accuracy("accuracy, one-shot minus dense", at(own), own, start, BETTER) for own in good]
    yes, no = counts([*faster, *better])
    reason = (
        f"{said('earlier', faster)}; {said('more accurate', better)} (after correction {yes} yes and {no} no, of 6)"
    )
    return Finding(by_counts(([*faster, *better],), 3, all), reason, (*faster, *better))


def generalises(evidence: Evidence, study: str) -> Finding:
    """Judge claim 14."""
    own = [ticket(study, level) for level in PLAN]
    name = "gap at the last iteration, dense minus ticket"
    gap = [evidence.difference("gap_at_last", name, at(cell), dense(study), cell, NARROWER) for cell in own]
    kept = [_over(evidence, cell, MATCHES) for cell in own]
    reason = f"{counted('smaller gap', gap)}; {counted('matches or exceeds dense', kept)}"
    return Finding(by_counts((gap, kept), 2, all), reason, (*gap, *kept))


def global_scope(evidence: Evidence, study: str, other: str) -> Finding:
    """Judge claim 17."""
    cells = [(ticket(other, level), ticket(study, level)) for level in SCOPED]
    name, either = "accuracy, global minus layer-wise", Direction(0, 0)
    parts = [evidence.accuracy(name, at(a), a, b, either) for a, b in cells]
    reason = f"as written, a mislabelling; {counted('global more accurate', parts)}"
    return Finding(_scoped(parts), reason, tuple(parts))


def _scoped(parts: list[Part]) -> str:
    """Return the verdict on global minus layer-wise accuracies."""
    yes, no = counts(parts)
    if yes:
        return REPRODUCED if yes >= 4 and not no else PARTLY
    same = all(part.found.inside(-MARGIN, MARGIN) for part in parts)
    return NOT_REPRODUCED if no or same else UNDECIDED


def convolutional(evidence: Evidence, study: str) -> Finding:
    """Judge claim 7."""
    fast = _before(evidence, ticket(study, 11), times(3.5))
    good = _over(evidence, ticket(study, 14), points(0.034))
    holds = [_over(evidence, ticket(study, level), MATCHES) for level in CONV]
    held = YES if all_yes(holds) else NO if counts(holds)[1] else OPEN
    stated = [evidence.state(f"accuracy, {own.series}", at(own), own) for own in (dense(study), ticket(study, 14))]
    reason = f"{said('3.5 times', [fast])}; {said('+3.4 points', [good])}; above 2 %: {held}"
    return Finding(_of_three({fast.answer, good.answer, held}), reason, (fast, good, *holds, *stated))


def _of_three(answers: set[str]) -> str:
    """Return the verdict on parts that are all needed."""
    if answers == {YES}:
        return REPRODUCED
    if answers == {NO}:
        return NOT_REPRODUCED
    return PARTLY if {YES, NO} <= answers else UNDECIDED
