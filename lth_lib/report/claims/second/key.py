"""The claims that the first page shows, each by one of its comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lth_lib.report.claims.second.card import Verdict, anchor
from lth_lib.report.claims.second.evidence import Part
from lth_lib.report.claims.second.judgements import Equal
from lth_lib.report.claims.second.questions import Direction, Size
from lth_lib.report.claims.words import KeyResult


class Key(NamedTuple):
    """A claim by its data and name, and the comparison that is shown of it: how it begins, and at what density."""

    data: str
    key: str
    quantity: str
    at: str


KEYS = (
    Key("MNIST", "1", "accuracy", "5.6 %"),
    Key("MNIST", "3a", "early stop", "21.1 %"),
    Key("MNIST", "4", "accuracy", "13.5 %"),
    Key("MNIST", "5", "accuracy", "3.6 %"),
    Key("MNIST", "2", "accuracy", "3.6 %"),
    Key("MNIST", "6", "early stop", "21.1 %"),
    Key("MNIST", "13a", "accuracy", "1.9 %"),
    Key("MNIST", "30", "accuracy", "5.6 %"),
    Key("MNIST", "31", "accuracy, shuffled SNIP", "1.9 %"),
    Key("MNIST", "32", "accuracy", "1.9 %"),
    Key("MNIST", "24", "accuracy at the last iteration, SparseGPT", "51.3 %"),
    Key("MNIST", "18", "accuracy, ticket minus fine-tuned", "1.9 %"),
    Key("MNIST", "33", "accuracy, by magnitude", "7.6 %"),
    Key("Fashion-MNIST", "1", "accuracy", "5.6 %"),
    Key("Fashion-MNIST", "14", "gap", "10.8 %"),
    Key("CIFAR-10", "7", "accuracy", "4.6 %"),
)


def key_results(verdicts: Sequence[Verdict], keys: Sequence[Key] = KEYS) -> list[KeyResult]:
    """Return the claims of `keys` that are judged, each with the comparison it is shown by."""
    found = {(verdict.rule.data, verdict.rule.key): verdict for verdict in verdicts}
    judged = [(found[key.data, key.key], key) for key in keys]
    return [_result(verdict, _shown(verdict, key)) for verdict, key in judged if verdict.finding.parts]


def _shown(verdict: Verdict, key: Key) -> Part:
    """Return the comparison that `key` names."""
    parts = verdict.finding.parts
    return next(part for part in parts if part.quantity.startswith(key.quantity) and part.at == key.at)


def _result(verdict: Verdict, part: Part) -> KeyResult:
    """Return a claim with what bears it out: from and to where, an infinite end where there is none."""
    rule, question = verdict.rule, part.asked
    match question:
        case Size(low, high):
            asked = low, high
        case Direction(above):
            asked = above, float("inf")
        case _:
            raise AssertionError(f"of the {part.quantity} nothing is asked")
    told = (rule.claim, rule.published, rule.data, f"{part.quantity}, at {part.at}")
    side = rule.judgement.side(part) if isinstance(rule.judgement, Equal) else ""
    more = (question.bounds(part.unit), side, rule.written)
    return KeyResult(*told, part.found, part.unit, asked, verdict.verdict, anchor(rule), *more)
