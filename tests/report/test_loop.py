"""The picture of the loop says at every moment what is left, and shows one of them where no script runs."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest

from lth_lib.report.figures import Moment, loop_html
from lth_lib.spec import SpecError

WEIGHTS = {"fc1": np.array([[0.5, -1.0], [2.0, 0.25]]), "out": np.array([[1.0, -0.5]])}
ALL = {name: np.ones_like(value, dtype=bool) for name, value in WEIGHTS.items()}
FEWER = {"fc1": np.array([[True, True], [True, False]]), "out": np.array([[True, False]])}
MOMENTS = [Moment("start", WEIGHTS, ALL, 0.5), Moment("prune", WEIGHTS, FEWER, 0.75)]


def lines(page: str) -> list[str]:
    return re.findall(r"<line [^>]*>", page)


def test_every_weight_has_a_line_whose_course_is_its_sign_and_size_until_it_is_gone() -> None:
    courses = [
        json.loads(re.search(r'data-course="([^"]*)"', line)[1]) for line in lines(loop_html(MOMENTS, name="Step"))
    ]
    assert courses == [[3.5, 3.5], [-7.0, -7.0], [14.0, 14.0], [1.8, None], [7.0, 7.0], [-3.5, None]]


@pytest.mark.parametrize(("start", "left", "gone"), [(0, "6 of 6 weights", 0), (1, "4 of 6 weights", 2)])
def test_without_a_script_one_moment_is_whole(start: int, left: str, gone: int) -> None:
    page = loop_html(MOMENTS, name="Step", start=start)
    assert page.count("lth-gone") == gone
    assert left in re.search(r"<p>.*</p>", page)[0]
    assert left in re.search(r'aria-label="([^"]*)"', page)[1]
    assert "<label hidden>" in page, "a slider that does not move is not shown"


def test_each_moment_says_other_words() -> None:
    steps = json.loads(html.unescape(re.search(r'data-steps="([^"]*)"', loop_html(MOMENTS, name="Step"))[1]))
    assert [step[0] for step in steps] == ["start", "prune"]
    assert "reads 50 %" in steps[0][2]
    assert "reads 75 %" in steps[1][2]
    assert steps[0][3] != steps[1][3], "alternative texts differ by moment"


def test_what_cannot_be_stepped_through_is_refused() -> None:
    with pytest.raises(SpecError, match="two or more"):
        loop_html(MOMENTS[:1], name="Step")
    with pytest.raises(SpecError, match="start was 2"):
        loop_html(MOMENTS, name="Step", start=2)
