"""Two engines are judged by a rule, worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import engines
from lth_lib.report.engines import DIFFER, SAME, UNDECIDED, Change
from lth_lib.report.prose import Value
from lth_lib.report.stats import Interval

NONE = Interval(0.0, -0.0005, 0.0005, 5)
AS_LATE = Interval(1.0, 0.9, 1.1, 5)


@pytest.mark.parametrize(
    ("gain", "delay", "verdict"),
    [
        (NONE, AS_LATE, SAME),
        (Interval(0.0, -0.001, 0.001, 5), Interval(1.0, 0.8, 1.25, 5), SAME),
        (Interval(0.0, -0.0011, 0.0005, 5), AS_LATE, UNDECIDED),
        (NONE, Interval(1.0, 0.79, 1.1, 5), UNDECIDED),
        (Interval(0.001, 0.0001, 0.002, 5), AS_LATE, DIFFER),
        (NONE, Interval(1.1, 1.01, 1.2, 5), DIFFER),
        (Interval(0.0, math.nan, math.nan, 1), AS_LATE, UNDECIDED),
    ],
)
def test_the_rule(gain: Interval, delay: Interval, verdict: str) -> None:
    assert Change(gain, delay).verdict == verdict


def test_no_change_is_shown_where_both_intervals_include_it() -> None:
    assert Change(NONE, AS_LATE).none_shown
    assert not Change(NONE, Interval(1.1, 1.01, 1.2, 5)).none_shown
    assert not Change(Interval(0.001, 0.0001, 0.002, 5), AS_LATE).none_shown


def test_a_change_is_in_words_and_none_at_all_is_the_same() -> None:
    assert Change(NONE, AS_LATE).words() == ("+0.00 points (-0.05 to +0.05, n = 5)", "1.00 times (0.90 to 1.10, n = 5)")
    pairs = pd.DataFrame({"gain": [0.0, 0.0], "delay": [0.0, 0.0]})
    assert engines.change(pairs).words() == ("the same", "the same")
    assert engines.change(pairs[:1]).words()[0] == "+0.00 points (n = 1, no interval)"


def remade(level: int, seeds: list[int], gains: list[float], stops: list[int]) -> dict[str, Any]:
    """Return a run that was made again, more accurate by `gains`, and stopped at `stops` in place of 100."""
    return {
        "level": level,
        "seeds": seeds,
        "best_test_accuracy": {"committed": [0.9, 0.9], "remade": [0.9 + gain for gain in gains]},
        "best_step": {"committed": [100, 100], "remade": stops},
    }


def test_a_remade_run_is_a_row_for_each_replicate_and_levels_are_averaged_first() -> None:
    runs = [
        remade(0, [0, 1], [0.01, 0.03], [200, 100]),
        remade(1, [0, 1], [0.03, 0.05], [50, 100]),
        remade(0, [5, 6], [0.5, 0.5], [100, 100]),
    ]
    pairs = engines.remade_pairs({"runs": runs})
    assert pairs["block"].tolist() == [0] * 4 + [5] * 2
    assert pairs["replicate"].tolist() == [0, 1, 0, 1, 5, 6]
    found = engines.over_levels(pairs, [0])
    assert found.gain.mean == pytest.approx(0.03), "of 0.02 and 0.04"
    assert found.gain.n == 2
    assert found.delay.mean == pytest.approx(1.0), "twice and half as late"
    assert engines.over_levels(pairs, [0, 5]).gain.n == 4


def compared(first: int, stop: int = 400) -> dict[str, Any]:
    """Return a comparison of two kernels on two seeds, each of which the one trains better and later."""
    seeds, made = [first, first + 1], {"device": "A processor", "threads": 2, "commit": "123456789"}
    one = {"best_test_accuracy": [0.92, 0.93], "best_step": [200, stop]}
    other = {"best_test_accuracy": [0.91, 0.91], "best_step": [100, 100]}
    return {"steps": 1000, "made": made, "blocks": [{"seeds": seeds, "kept": 0.2, "ours": one, "theirs": other}]}


def test_kernels_are_compared_pair_by_pair() -> None:
    every = [compared(100), compared(140, stop=1000)]
    pairs = engines.kernel_pairs(every, "ours", "theirs")
    assert pairs["first"].tolist() == [100, 100, 140, 140]
    assert pairs["gain"].tolist() == pytest.approx([0.01, 0.02] * 2)
    assert np.exp(pairs["delay"]).tolist() == pytest.approx([2, 4, 2, 10])
    assert set(pairs["kept"]) == {0.2}
    told = engines.stops_at_the_end(pairs, every)
    assert told == Value("1 of 4", "A processor, 2 threads, commits 1234567, 1234567")


def test_comparisons_are_chosen_by_their_kernels() -> None:
    assert engines.trained_by_both([compared(0)], "ours", "theirs") == [compared(0)]
    assert engines.trained_by_both([compared(0)], "ours", "others") == []


def test_only_what_is_judged_has_a_verdict_in_the_table() -> None:
    changes = {"all": Change(NONE, AS_LATE), "half": Change(NONE, AS_LATE)}
    shown = engines.change_table(changes, name="Seeds", one="new", other="old", judged=["all"])
    assert shown.columns.tolist() == ["Seeds", "Accuracy, new minus old", "Early stop, new over old", "By the rule"]
    assert shown["By the rule"].tolist() == [SAME, ""]
    assert "By the rule" not in engines.change_table(changes, name="Seeds", one="new", other="old")


def test_weights_lie_apart_by_their_euclidean_distance() -> None:
    one = {"a": np.array([[1.0, 2.0]]), "b": np.array([0.0])}
    assert engines.apart(one, {"a": np.array([[4.0, 2.0]]), "b": np.array([4.0])}) == 5
    assert engines.apart(one, one) == 0
