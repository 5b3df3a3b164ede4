"""A claim is shown by a comparison that brings about its verdict."""

from __future__ import annotations

import pytest
from second_study import every, study, whole

from lth_lib.report.claims import NOT_REPRODUCED, PARTLY, REPRODUCED, UNDECIDED
from lth_lib.report.claims.second import DECIDES, KEYS, Verdict, key_results, scorecard
from lth_lib.report.claims.second.evidence import Part
from lth_lib.report.claims.second.finding import Finding
from lth_lib.report.claims.second.questions import BETTER
from lth_lib.report.stats import POINTS, Interval

YES, NO, OPEN = (
    Part("accuracy", at, Interval(mean, mean - spread, mean + spread, 5), POINTS, BETTER)
    for at, mean, spread in (("3.6 %", 0.01, 0.001), ("1.9 %", -0.01, 0.001), ("1.2 %", 0.002, 0.003))
)


@pytest.mark.parametrize(
    ("verdict", "parts", "shown"),
    [
        (REPRODUCED, (YES, YES), YES),
        (PARTLY, (YES, OPEN, NO), NO),
        (PARTLY, (YES, OPEN), OPEN),
        (NOT_REPRODUCED, (YES, OPEN, NO), NO),
        (UNDECIDED, (YES, NO, OPEN), OPEN),
        (UNDECIDED, (YES, YES), YES),
    ],
)
def test_what_decides_is_the_first_that_brings_the_verdict_about(
    verdict: str, parts: tuple[Part, ...], shown: Part
) -> None:
    assert Finding(verdict, "", parts).deciding is shown


MADE = {
    "well": study(),
    "worse": study(gain=-0.01, times=0.5, gap=-0.01),
    "noisy": study(spread=0.01),
    "mixed": study(gain=every(0.004, l7=-0.01, l13=0.0), times=every(1.0, l7=3.0)),
}


@pytest.mark.parametrize("name", MADE)
def test_no_row_contradicts_its_verdict(name: str) -> None:
    verdicts = judged(name)
    assert {
        answer for v in verdicts for answer in [v.finding.deciding.answer] if answer not in DECIDES[v.verdict]
    } == set()


def test_made_studies_have_every_verdict() -> None:
    assert {v.verdict for name in MADE for v in judged(name)} == set(DECIDES)


def judged(name: str) -> list[Verdict]:
    """Return the verdicts on the claims that a made study can judge."""
    table = MADE[name]
    return [v for v in scorecard({"fresh": table}, {"fresh": whole(table)}) if v.finding.parts]


def test_a_row_says_what_is_compared_how_it_is_answered_and_how_the_others_are() -> None:
    first = key_results(judged("noisy"), [key for key in KEYS if key == ("MNIST", "2")])[0]
    assert first.compared == "accuracy, ticket minus re-initialised, at the end, with 21.1 % of the weights"
    assert (first.verdict, first.answer, first.of) == (UNDECIDED, "undecided", "10 comparisons: 10 undecided")


def test_a_claim_of_one_comparison_does_not_count_them() -> None:
    alone = key_results(judged("well"), [("MNIST", "5")])[0]
    assert alone.of == ""
