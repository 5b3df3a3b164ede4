"""The claims that the first page shows, each by the comparison that decides it."""

from __future__ import annotations

from collections.abc import Sequence

from lth_lib.report.claims.second.card import Verdict, anchor
from lth_lib.report.claims.second.evidence import Part
from lth_lib.report.claims.second.judgements import Equal
from lth_lib.report.claims.second.questions import NO, OPEN, YES, Direction, Size
from lth_lib.report.claims.words import KeyResult
from lth_lib.report.stats import READINGS

KEYS = (
    ("MNIST", "1"),
    ("MNIST", "3a"),
    ("MNIST", "4"),
    ("MNIST", "5"),
    ("MNIST", "2"),
    ("MNIST", "6"),
    ("MNIST", "13a"),
    ("MNIST", "30"),
    ("MNIST", "31"),
    ("MNIST", "32"),
    ("MNIST", "24"),
    ("MNIST", "18"),
    ("MNIST", "33"),
    ("Fashion-MNIST", "1"),
    ("Fashion-MNIST", "14"),
    ("CIFAR-10", "7"),
)
"""The data and the name of each claim that is shown."""


def key_results(verdicts: Sequence[Verdict], keys: Sequence[tuple[str, str]] = KEYS) -> list[KeyResult]:
    """Return the claims of `keys` that are judged, each with the first comparison that decides it."""
    found = {(verdict.rule.data, verdict.rule.key): verdict for verdict in verdicts}
    return [_result(found[key]) for key in keys if found[key].finding.parts]


def _result(verdict: Verdict) -> KeyResult:
    """Return a claim with what decides it: from and to where, an infinite end where there is none."""
    rule, part = verdict.rule, verdict.finding.deciding
    question = part.asked
    match question:
        case Size(low, high):
            asked = low, high
        case Direction(above):
            asked = above, float("inf")
        case _:
            raise AssertionError(f"of the {part.quantity} nothing is asked")
    return KeyResult(
        rule.claim,
        rule.published,
        rule.data,
        _compared(part),
        part.found,
        part.unit,
        asked,
        verdict.verdict,
        anchor(rule),
        answer=part.answer,
        of=_counted(verdict.finding.parts),
        bounds=question.bounds(part.unit),
        side=rule.judgement.side(part) if isinstance(rule.judgement, Equal) else "",
        written=rule.written,
    )


def _compared(part: Part) -> str:
    """Return what is compared, of accuracy with its reading, and at what density."""
    read = (part.quantity, *([READINGS[part.reading]] if part.reading else []), f"with {part.at} of the weights")
    return ", ".join(read)


def _counted(parts: Sequence[Part]) -> str:
    """Return how the comparisons of a claim are answered, where there are several."""
    given = [part.answer for part in parts if part.asked]
    told = [f"{given.count(word)} {word}" for word in (YES, NO, OPEN) if word in given]
    return f"{len(given)} comparisons: {', '.join(told)}" if len(given) > 1 else ""
