"""Questions to a table, and whether another data set answers them alike."""

from __future__ import annotations

import pandas as pd
from test_methods import NOISE, cell

from lth_lib.report import stats


def test_a_question_is_asked_at_each_level_that_both_have() -> None:
    table = pd.concat([cell("a", 0.9), cell("b", 0.8), cell("a", 0.7, level=18)], ignore_index=True).assign(seed=0)
    table["seed"] = table.groupby(["series", "level"]).cumcount()
    found = stats.asked(table, {"a over b": ("a", "b", "accuracy_at_end")}, (7, 18))
    assert list(found) == [("a over b", 7)]
    assert found["a over b", 7] == stats.welch(0.9 + NOISE, 0.8 + NOISE)


def test_the_dense_network_stands_beside_each_level() -> None:
    parts = [cell("dense", 0.9, level=0), cell("a", 0.8), cell("a", 0.7, level=18)]
    table = pd.concat([part.assign(seed=range(len(part))) for part in parts], ignore_index=True)
    found = stats.asked(table, {"dense over a": ("dense", "a", "accuracy_at_end")}, (7, 13, 18))
    assert {level: round(one.mean, 6) for (_, level), one in found.items()} == {7: 0.1, 18: 0.2}


def test_a_difference_is_shown_again_or_turned_round_or_lost_or_only_there() -> None:
    up, down, none = (stats.interval(mean + NOISE) for mean in (0.1, -0.1, 0.0))
    first = {"again": up, "behind again": down, "turned": up, "lost": down, "only there": none, "neither": none}
    other = {"again": up, "behind again": down, "turned": down, "lost": none, "only there": up, "neither": none}
    assert stats.asked_again(first, other) == {
        "again": "yes",
        "behind again": "yes",
        "turned": "turned round",
        "lost": "not shown",
        "only there": "only there",
        "neither": "on neither",
    }


def test_what_a_page_says_is_borne_out_by_as_many_differences_as_are_shown_to_be_so() -> None:
    up, down, none = (stats.interval(mean + NOISE) for mean in (0.1, -0.1, 0.0))
    families = {"gain": {("a", 7): up, ("a", 18): none, ("b", 7): up, ("b", 18): down}}

    def borne(*of: tuple[str, int], below: bool = False) -> stats.Borne:
        return stats.borne_out(stats.Said("better", "gain", of, below), families)

    assert borne(("a", 7), ("b", 7)) == stats.Borne(shown=2, turned=0, of=2)
    assert borne(("a", 7), ("b", 7)).verdict == "yes"
    assert borne(("a", 7), ("a", 18)).verdict == "in part"
    assert borne(("a", 18)).verdict == "no"
    assert borne(("b", 18), below=True).verdict == "yes"
    assert borne(("a", 7), ("b", 18)) == stats.Borne(shown=1, turned=1, of=2)
    assert borne(("a", 7), ("b", 18)).verdict == "no"
