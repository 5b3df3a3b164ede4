"""Methods on two data sets: who stands where, whose lead is shown on both, and how that is drawn."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from matplotlib.text import Text
from test_methods import NOISE, cell

from lth_lib.report import comparison, figures, stats
from lth_lib.spec import SpecError


def rows(data: str, means: dict[str, float], level: int = 7) -> pd.DataFrame:
    """Return the rows of `stats.methods` of some methods on a data set."""
    table = pd.concat([cell(name, mean, level=level, data=data) for name, mean in means.items()], ignore_index=True)
    return stats.methods({data: table}, {data: list(means)})


FIRST = {"best": 0.98, "as good": 0.979, "worse": 0.95, "worst": 0.90, "only here": 0.5}
OTHER = {"best": 0.88, "as good": 0.87, "worse": 0.86, "worst": 0.87, "only there": 0.5}
BOTH = stats.alongside(rows("digits", FIRST), rows("clothes", OTHER))
NAMES = list(BOTH["series"])


def called(pairs: tuple[tuple[int, int], ...]) -> set[tuple[str, str]]:
    """Return pairs by name."""
    return {(NAMES[a], NAMES[b]) for a, b in pairs}


def test_a_row_is_a_method_that_both_have() -> None:
    assert NAMES == ["best", "as good", "worse", "worst"]
    assert BOTH["accuracy_first"][0] == stats.interval(0.98 + NOISE)
    assert BOTH["accuracy_other"][0] == stats.interval(0.88 + NOISE)
    with pytest.raises(SpecError, match="no method at the same level"):
        stats.alongside(rows("digits", FIRST), rows("clothes", OTHER, level=18))


def test_leads_are_shown_again_or_turned_round_or_neither() -> None:
    found = stats.agreement(BOTH)
    assert found.pairs == 6
    assert called(found.shown) == {
        ("best", "worse"),
        ("best", "worst"),
        ("as good", "worse"),
        ("as good", "worst"),
        ("worse", "worst"),
    }
    # That "as good" leads "worst" is shown on the first alone; the other has them level.
    assert called(found.again) == {("best", "worse"), ("best", "worst"), ("as good", "worse")}
    assert called(found.turned) == {("worse", "worst")}


def test_a_question_is_asked_at_each_level_that_both_have() -> None:
    table = pd.concat([cell("a", 0.9), cell("b", 0.8), cell("a", 0.7, level=18)], ignore_index=True).assign(seed=0)
    table["seed"] = table.groupby(["series", "level"]).cumcount()
    found = stats.asked(table, {"a over b": ("a", "b", "accuracy_at_end")}, (7, 18))
    assert list(found) == [("a over b", 7)]
    assert found["a over b", 7] == stats.welch(0.9 + NOISE, 0.8 + NOISE)


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


def test_the_order_is_the_same_or_turned_round() -> None:
    same, around = ({"a": 0.9, "b": 0.8, "c": 0.7}, {"a": 0.7, "b": 0.8, "c": 0.9})
    assert stats.agreement(stats.alongside(rows("digits", same), rows("clothes", same))).rank == pytest.approx(1)
    assert stats.agreement(stats.alongside(rows("digits", same), rows("clothes", around))).rank == pytest.approx(-1)


def test_what_no_other_exceeds_on_both_is_named_and_what_is_far_below_is_counted() -> None:
    assert [NAMES[at] for at in figures.unexceeded(BOTH)] == ["best"]
    ax = figures.alongside(BOTH, lowest=0.05, title="21 %")
    texts = [text.get_text() for text in ax.figure.findobj(Text)]
    assert "best" in texts
    assert "worst" not in texts
    assert "Means and 95 % intervals; 1 of 4 lie below the axes" in texts
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Test accuracy on digits (%)", "Test accuracy on clothes (%)")
    assert figures.alt_alongside(BOTH).startswith("4 methods by test accuracy on digits and on clothes.")


def test_the_table_has_both_places(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(comparison, "display", lambda html: shown.append(html.data))
    comparison.alongside(BOTH, caption="Two data sets.")
    lines = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", shown[0])
    assert lines[0].startswith("best<")
    assert re.findall(r">([\d.]+)</td>", lines[-1])[-2:] == ["4", "2"]
