"""How the claims about LeNet-300-100 on MNIST are judged; `lenet` says it in words."""

from __future__ import annotations

import numpy as np

from lth_lib.report.claims.first.rule import (
    LEAST,
    MARGIN,
    Cell,
    Finding,
    Part,
    Speed,
    counted,
    holding,
    listed,
    paired_difference,
    speed,
)
from lth_lib.report.claims.words import NOT_REPRODUCED, PARTLY, REPRODUCED, Measured, Untestable
from lth_lib.report.stats import PERCENT, POINTS, Interval, Table, average_within, describe

DENSE: Cell = ("dense", 0)
STUDY = range(1, 21)
PLAN = (3, 7, 10, 13)  # the levels nearest to the plan's 50, 20, 10 and 5 %
TICKETS = (7, 9, 10, 13, 15)  # the controlled levels between 21.1 and 3.6 %, where the paper sees winning tickets
EARLIER, GAIN, FASTER, BETTER = 0.38, 0.003, 2.51, 0.005


def published_density(level: int) -> float:
    """Return the density after `level` levels at 20 % each, the output layer at 10 %."""
    return (265_200 * 0.8**level + 1_000 * 0.9**level) / 266_200


def ticket(level: int) -> Cell:
    """Return the winning ticket of a level."""
    return "winning ticket", level


def again(level: int) -> Cell:
    """Return the re-initialised control of a level."""
    return "re-initialised", level


def at(level: int) -> str:
    """Return a level's density in words."""
    return f"{published_density(level) * 100:.1f} %"


def _accuracy(table: Table, level: int, other: Cell, above: float) -> Part:
    """Return a ticket's accuracy minus another's; it holds when the whole interval is above `above`."""
    found = paired_difference(table, "accuracy_at_early_stop", ticket(level), other)
    return Part(at(level), found, POINTS, found.low > above)


def _by_count(parts: tuple[list[Part], list[Part]], partly: bool, measured: Measured, reason: str) -> Finding:
    """Return reproduced if every comparison of both lists holds, else partly or not."""
    everywhere = all(holding(half) == len(half) for half in parts)
    return (REPRODUCED if everywhere else PARTLY if partly else NOT_REPRODUCED), measured, reason


def match_and_faster(table: Table) -> Finding:
    """Judge claim 1."""
    match = [_accuracy(table, level, DENSE, -MARGIN) for level in PLAN]
    faster = [speed(table, ticket(level), DENSE).part(at(level)) for level in PLAN]
    measured = listed("accuracy, ticket minus dense", *match), listed("early stop, dense over ticket", *faster)
    reason = f"{counted('matches or exceeds dense', match)}, {counted('faster', faster)}"
    return _by_count((match, faster), min(holding(match), holding(faster)) >= 2, measured, reason)


def reinitialised_worse(table: Table) -> Finding:
    """Judge claim 2."""
    worse = [_accuracy(table, level, again(level), 0) for level in TICKETS]
    slower = [speed(table, ticket(level), again(level)).part(at(level)) for level in TICKETS]
    measured = (
        listed("accuracy, ticket minus re-initialised", *worse),
        listed("early stop, re-initialised over ticket", *slower),
    )
    reason = f"re-initialised less accurate {_where(worse)}, slower {_where(slower)}"
    return _by_count((worse, slower), max(holding(worse), holding(slower)) >= 3, measured, reason)


def _where(parts: list[Part]) -> str:
    """Return at how many densities something holds, without a name."""
    return counted("", parts).strip()


def earliest(table: Table) -> Finding:
    """Judge claim 3."""
    found = speed(table, ticket(7), DENSE)
    share = found.times.through(lambda times: 1 - 1 / times)
    level, first = _fastest(table)
    tests = (found.holds, found.confirms(1 / (1 - EARLIER)), first)
    said = f"at {at(7)} {describe(share, PERCENT)} earlier than dense{found.note}", f"lowest early stop at {at(level)}"
    size = _lies(found.times, 1 / (1 - EARLIER), tests[1])
    reason = f"{_yes(tests[0], 'earlier than dense')}; 38 % {size}; {_first(level, first)}"
    return _graded(tests, (("", said),), reason)


def _fastest(table: Table) -> tuple[int, bool]:
    """Return the level that stops earliest, on the replicates all levels have, and whether level 7 may be it."""
    tickets = average_within(table).query("series == 'winning ticket' and level >= 1 and level <= 20")
    wide = tickets.pivot(index="seed", columns="level", values="early_stop").dropna()
    if len(wide) < LEAST or (wide.to_numpy() <= 0).any():
        raise Untestable(
            f"the 20 levels need {LEAST} replicates in common that improved on their start; {len(wide)} exist"
        )
    level = int(np.log(wide).mean().idxmin())
    return level, level == 7 or speed(table, ticket(level), ticket(7)).times.low <= 1


def _first(level: int, first: bool) -> str:
    """Return whether level 7 may be the earliest, of which `level` has the lowest mean."""
    if level == 7:
        return "the earliest of the 20 levels"
    return f"the lowest is at {at(level)}, from which it can{'not' if first else ''} be told"


def gain(table: Table) -> Finding:
    """Judge claim 4."""
    part = _accuracy(table, 9, DENSE, 0)
    reaches = part.found.high > GAIN
    reach = "reaches" if reaches else "does not reach"
    reason = f"{_yes(part.holds, 'more accurate than dense')}; its interval {reach} above +0.3 points"
    return _graded((part.holds, reaches), (listed("accuracy, ticket minus dense", part),), reason)


def returns(table: Table) -> Finding:
    """Judge claim 5."""
    part = _accuracy(table, 15, DENSE, -MARGIN)
    near = abs(part.found.mean) <= MARGIN
    within = part.found.inside(-MARGIN, MARGIN)
    side = "above" if part.found.mean > 0 else "below"
    reason = (
        f"the mean is {'' if near else f'{side} dense and not '}within 0.2 points of dense; "
        f"the whole interval is {'' if within else 'not '}within 0.2 points"
    )
    return _graded((near, within), (listed("accuracy, ticket minus dense", part),), reason)


def beats_reinitialised(table: Table) -> Finding:
    """Judge claim 6."""
    part = _accuracy(table, 7, again(7), 0)
    found: Speed = speed(table, ticket(7), again(7))
    sizes = (found.confirms(FASTER), part.found.contains(BETTER))
    measured = (
        listed("early stop, re-initialised over ticket", found.part(at(7))),
        listed("accuracy, ticket minus re-initialised", part),
    )
    reason = (
        f"{_yes(found.holds, 'faster')}, 2.51 times {_lies(found.times, FASTER, sizes[0])}; "
        f"{_yes(part.holds, 'more accurate')}, +0.5 points {_lies(part.found, BETTER, sizes[1])}"
    )
    return _graded((found.holds or part.holds, found.holds, part.holds, *sizes), measured, reason)


def generalises(table: Table) -> Finding:
    """Judge claim 14."""
    gap, kept = [], []
    for level in PLAN:
        narrower = paired_difference(table, "gap_at_end", ticket(level), DENSE)
        accuracy = paired_difference(table, "accuracy_at_end", ticket(level), DENSE)
        kept.append(Part(at(level), accuracy, POINTS, accuracy.low > -MARGIN))
        gap.append(Part(at(level), narrower, POINTS, narrower.high < 0))
    both = sum(g.holds and k.holds for g, k in zip(gap, kept, strict=True))
    measured = (
        listed("gap at the end, ticket minus dense", *gap),
        listed("test accuracy at the end, ticket minus dense", *kept),
    )
    reason = f"{counted('smaller gap', gap)}, {counted('test accuracy kept', kept)}, both at {both} of {len(PLAN)}"
    return _by_count((gap, kept), both >= 2, measured, reason)


def _graded(tests: tuple[bool, ...], measured: Measured, reason: str) -> Finding:
    """Return reproduced if all tests hold, partly if the first does, else not reproduced."""
    return (REPRODUCED if all(tests) else PARTLY if tests[0] else NOT_REPRODUCED), measured, reason


def _yes(holds: bool, text: str) -> str:
    """Return a part's name with whether it was shown."""
    return text if holds else f"not shown to be {text}"


def _lies(found: Interval, size: float, confirmed: bool) -> str:
    """Return whether a published size is confirmed; where an early stop is a bound, an interval confirms nothing."""
    if not found.contains(size):
        return "lies outside the interval"
    return "lies within the interval" + ("" if confirmed else ", of which an early stop is only a bound")
