"""The same methods on two data sets: in one order, all leads at once, and advice of one for the other."""

from __future__ import annotations

import pandas as pd
import pytest
from IPython.display import HTML
from test_methods import NOISE, ROWS, TABLE, cell

from lth_lib.report import comparison, figures, stats

DENSE = TABLE.loc[TABLE["series"] == "dense", "accuracy_at_end"].to_numpy()
OTHER = pd.concat(
    [
        cell("best", 0.90, cost=400),
        cell("as good", 0.93, cost=300),
        cell("worse", 0.85),
        cell("early", 0.84, when="before"),
        cell("only there", 0.5),
    ],
    ignore_index=True,
)
HERE, THERE = stats.on_both(
    ROWS, stats.methods({"one": OTHER}, {"one": ["only there", "early", "worse", "as good", "best"]})
)
HERE, THERE = (rows.assign(gain=stats.over(rows, DENSE)) for rows in (HERE, THERE))


def test_what_both_have_stands_in_one_order() -> None:
    assert HERE["series"].tolist() == THERE["series"].tolist() == ["best", "as good", "worse", "early"]
    assert HERE.index.equals(THERE.index)
    assert [one.mean for one in THERE["accuracy"]] == pytest.approx([0.90, 0.93, 0.85, 0.84])


def test_what_a_method_gains_is_beside_the_dense_network() -> None:
    assert HERE["gain"][0] == stats.welch(0.98 + NOISE, 0.99 + NOISE)


def test_a_rank_correlation_is_spearmans() -> None:
    from scipy.stats import spearmanr

    assert stats.rank_correlation([3, 1, 2], [30, 10, 20]) == pytest.approx(1)
    here, there = [1.0, 2.0, 2.0, 5.0, 3.0], [4.0, 2.0, 3.0, 1.0, 1.0]
    assert stats.rank_correlation(here, there) == pytest.approx(spearmanr(here, there).statistic)


def test_every_two_methods_of_a_level_are_compared_on_both() -> None:
    found = stats.leads_again(HERE, THERE)
    assert found == {(0, 1): stats.NEW, (2, 3): stats.AGAIN} | dict.fromkeys(
        [(0, 2), (0, 3), (1, 2), (1, 3)], stats.AGAIN
    )
    assert list(stats.leads_again(HERE.assign(level=[1, 1, 2, 2]), THERE)) == [(0, 1), (2, 3)]


def test_advice_is_compared_with_the_best_of_the_same_need() -> None:
    every, early, after = stats.advice(HERE, THERE)
    names = HERE["series"]
    assert (names[every.advised], names[every.best], every.worse) == ("best", "as good", True)
    assert every.gap == stats.welch(0.93 + NOISE, 0.90 + NOISE)
    assert (names[early.advised], early.gap, early.worse) == ("early", None, False)
    assert after.need.text == "It has been trained, and can be trained further"


def test_a_method_stands_at_what_it_gains_on_each_and_what_moves_most_is_named() -> None:
    axes = figures.alongside(HERE, THERE, sets=("digits", "clothes"))
    assert [text.get_text() for text in axes.texts if text.get_text()] == ["early", "worse", "best", "as good"]
    assert figures.moved(HERE, THERE, 2) == [0, 1]
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "On digits: accuracy minus dense (points)",
        "On clothes: accuracy minus dense (points)",
    )
    wide = [text.get_text() for text in axes.get_xticklabels()]
    figures.on_phone(axes)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["-40", "-10", "-1", "-0.5", "0", "+0.5"]
    assert len(wide) == 10
    told = figures.alt_alongside(HERE, THERE, ("digits", "clothes"))
    assert told.startswith(
        "4 methods: accuracy minus that of the dense network. Most moved in the order: best, on digits"
    )


def test_on_a_phone_all_names_are_numbers_or_none_is() -> None:
    longer = [rows.assign(series=rows["series"].replace("best", "the very best")) for rows in (HERE, THERE)]
    axes = figures.alongside(*longer, sets=("digits", "clothes"))
    figures.on_phone(axes)
    assert [text.get_text() for text in axes.texts][:4] == ["1", "2", "3", "4"]
    assert "the very best" in axes.texts[-1].get_text()


def test_a_question_and_its_answers_are_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.again.display", shown.append)
    up, down = (stats.interval(mean + NOISE) for mean in (0.1, -0.1))
    key = ("One", "a over b", 7)
    comparison.asked_twice(
        {key: up},
        {key: down},
        {key: stats.TURNED},
        {key: ("21 %", 0.21)},
        sets=("digits", "clothes"),
        caption="Asked",
    )
    page = str(shown[0].data)
    assert '<td data-by="0.1">+10.00 (+9.80 to +10.20)</td><td data-by="-0.1">-10.00 (-10.20 to -9.80)</td>' in page
    assert "<td>turned round</td>" in page


def test_advice_is_a_row_for_each_need(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.again.display", shown.append)
    found = {"21 %": (HERE, stats.advice(HERE, THERE))}
    comparison.advised_twice(found, sets=("digits", "clothes"), caption="Advice", begin="21 %")
    first, second = str(shown[0].data).split("\n")[2:4]
    assert "<td>best</td><td>as good</td>" in first
    assert first.endswith("<td>yes</td></tr>")
    assert '<td data-by="0">the same</td><td>no</td>' in second
