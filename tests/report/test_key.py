"""Key results are drawn where they were measured, and lead to their claims."""

from __future__ import annotations

import dataclasses
import re

import pytest

from lth_lib.report.claims import NOT_REPRODUCED, REPRODUCED, KeyResult, Line, second
from lth_lib.report.claims.second.card import anchor
from lth_lib.report.figures import key_html, scorecard_html
from lth_lib.report.figures.key import PAD, WIDTH
from lth_lib.report.stats import POINTS, TIMES, Interval

BETTER = KeyResult(
    "Tickets & all.",
    "no size given",
    "MNIST",
    "accuracy, at 5.6 %",
    Interval(0.01, 0.005, 0.02, 5),
    POINTS,
    (0.0, float("inf")),
    REPRODUCED,
    "claim-a",
)
FASTER = dataclasses.replace(
    BETTER, found=Interval(2.0, 1.0, 4.0, 5), unit=TIMES, asked=(0.5, 2.0), verdict=NOT_REPRODUCED, anchor="claim-b"
)


def number(page: str, tag: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<{tag}[^>]* {name}="([\d.]+)"', page)]


def test_a_claim_has_its_words_its_numbers_its_verdict_and_a_link() -> None:
    page = key_html([BETTER, FASTER], page="claims.html")
    assert '<a href="claims.html#claim-a">Tickets &amp; all.</a>' in page
    assert "+1.00 (+0.50 to +2.00) points" in page
    assert "2.00 (1.00 to 4.00) times" in page
    assert re.findall(r"</span> ([\w ]+)</td>", page) == [REPRODUCED, NOT_REPRODUCED]


def test_a_claim_has_its_bounds_its_side_and_the_words_that_are_not_judged() -> None:
    asked = {"bounds": "between 1 and 2 times", "answer": "no", "of": "2 comparisons: 1 yes, 1 no"}
    more = dataclasses.replace(FASTER, **asked, side="still better", written="As <said>.")
    page = key_html([more], page="claims.html")
    assert "<small>Wholly between 1 and 2 times? No. Of 2 comparisons: 1 yes, 1 no.</small>" in page
    assert f"</span> {NOT_REPRODUCED}: still better</td>" in page
    assert "As written: “As &lt;said&gt;.”" in page


def test_each_row_has_a_scale_from_no_difference_and_the_bounds_to_its_own_interval() -> None:
    page = key_html([BETTER, FASTER], page="claims.html")
    third, middle = PAD + (WIDTH - 2 * PAD) / 3, WIDTH / 2
    assert number(page, 'line class="lth-nothing"', "x1") == pytest.approx([PAD, third], abs=0.05)
    assert number(page, "circle", "cx") == pytest.approx([middle, 2 * third - PAD], abs=0.05)
    assert number(page, 'line class="lth-found"', "x2") == [WIDTH - PAD, WIDTH - PAD]


def test_a_scale_has_round_numbers_and_of_ratios_powers_of_two() -> None:
    page = key_html([BETTER, FASTER], page="claims.html")
    assert re.findall(r">([^<]+)</text>", page) == ["0", "+0.5", "+1", "+1.5", "+2", "0.5×", "1×", "2×", "4×"]
    far = dataclasses.replace(BETTER, found=Interval(-0.0122, -0.0156, -0.0088, 5))
    assert re.findall(r">([^<]+)</text>", key_html([far], page="")) == ["-1.5", "-1", "-0.5", "0"]


def test_a_large_difference_does_not_hide_a_small_one() -> None:
    small = dataclasses.replace(BETTER, found=Interval(0.003, 0.002, 0.004, 5), asked=(-0.002, 0.002))
    large = dataclasses.replace(BETTER, found=Interval(0.3, 0.28, 0.32, 5))
    ends = [number(key_html(rows, page=""), 'line class="lth-found"', "x1")[0] for rows in ([small], [small, large])]
    assert ends[0] == ends[1]


def test_what_bears_a_claim_out_ends_with_the_picture_at_most() -> None:
    page = key_html([BETTER, FASTER], page="claims.html")
    starts, widths = number(page, "rect", "x"), number(page, "rect", "width")
    assert starts == [PAD, PAD]
    assert widths == pytest.approx([WIDTH - PAD, 2 * (WIDTH - 2 * PAD) / 3], abs=0.1)


def test_every_key_result_names_a_rule_once_and_its_line_has_that_name() -> None:
    rules = {(rule.data, rule.key): rule for rule in second.RULES}
    named = [rules[key] for key in second.KEYS]
    assert len({anchor(rule) for rule in second.RULES}) == len(second.RULES)
    line = Line(*("x",) * 5, REPRODUCED, "x", anchor=anchor(named[0]))
    assert f'<details class="lth-claim" id="{anchor(named[0])}">' in scorecard_html([line])


@pytest.mark.parametrize("verdicts", [[*second.scorecard({}, {})]])
def test_what_is_not_judged_is_not_shown(verdicts: list[second.Verdict]) -> None:
    assert second.key_results(verdicts) == []
    assert "None is judged here" in key_html([], page="claims.html")
