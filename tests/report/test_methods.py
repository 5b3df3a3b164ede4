"""Methods beside one another: what is best, what is not shown to be worse, what a front is, and how they are drawn."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import figures, pictures, stats
from lth_lib.spec import SpecError

NOISE = np.array([-2, -1, 0, 1, 2]) * 0.001


def cell(series: str, mean: float, *, level: int = 7, cost: float = 100, **more: object) -> pd.DataFrame:
    """Return the rows of five replicates of a method, as a tidy table has them."""
    columns = {
        "series": series,
        "level": level,
        "digest": series,
        "data": "MNIST",
        "when": "after",
        "method": "Magnitude",
        "granularity": "Weight",
        "scope": "Layerwise",
        "prunings": 1,
        "steps": 100,
        "density": 0.21,
        "effective_density": 0.2,
        "dead_units": 0,
        "dead_inputs": 3,
        "early_stop": 50,
        "cost": cost,
        "flops": cost,
        "flops_smaller": cost / 2,
        "bytes_best": cost,
        "bytes_dense": 1000,
        "bytes_smaller": 105,
        "censored": False,
        "accuracy_at_end": mean + NOISE,
        "accuracy_at_last": 0.5,
        "collapsed": "",
        "diverged": False,
    }
    return pd.DataFrame(columns | more, index=range(NOISE.size))


TABLE = pd.concat(
    [
        cell("dense", 0.99, when=""),
        cell("best", 0.98, cost=400),
        cell("as good", 0.979, cost=300),
        cell("worse", 0.95, cost=200),
        cell("early", 0.94, cost=200, when="before"),
        cell("kept", 0.0, cost=100, steps=0, accuracy_at_end=np.nan),
        cell("units", 0.90, cost=50, granularity="Unit", collapsed=["fc2", "fc2", "", "", ""]),
    ],
    ignore_index=True,
)
ROWS = stats.methods({"one": TABLE}, {"one": ["best", "as good", "worse", "early", "kept", "units"]})
NAMES = ROWS["series"]


def test_a_method_is_a_row_and_what_it_is_compared_with_is_none() -> None:
    assert NAMES.tolist() == ["best", "as good", "worse", "early", "kept", "units"]
    assert ROWS["accuracy"][0] == stats.interval(0.98 + NOISE)
    assert ROWS[["cost", "flops", "study"]].iloc[0].tolist() == [400, 400, "one"]
    with pytest.raises(SpecError, match="has a method"):
        stats.methods({"one": TABLE}, {"one": []})


def test_a_run_of_two_studies_is_a_row_once() -> None:
    twice = stats.methods(
        {"one": TABLE, "two": TABLE.replace({"series": {"best": "again"}})}, {"one": ["best"], "two": ["again"]}
    )
    assert twice["series"].tolist() == ["best"]


def test_what_is_not_trained_is_read_at_its_last_iteration() -> None:
    assert ROWS.set_index("series").loc["kept", "accuracy"].mean == 0.5


def test_of_units_the_columns_that_read_them_do_not_count() -> None:
    units = ROWS.set_index("series").loc["units"]
    assert units["density"] == pytest.approx(0.105)
    assert units["flops"] == 25
    assert units["cost"] == pytest.approx(50 - 100 * (0.21 - 0.105)), "its own iterations train no such columns"


def test_a_note_says_what_is_empty_in_how_many() -> None:
    assert ROWS.set_index("series")["note"].to_dict() == dict.fromkeys(NAMES, "") | {
        "units": "collapsed: fc2 in 2 of 5"
    }


def test_what_is_not_shown_to_be_worse_stands_beside_the_best() -> None:
    assert NAMES[stats.best(ROWS)] == "best"
    assert NAMES[stats.not_shown_worse(ROWS)].tolist() == ["best", "as good"]
    gaps = stats.behind(ROWS)
    assert gaps[2].mean == pytest.approx(0.03)
    assert (gaps[2].n, gaps[2].against) == (5, 5)


def test_what_may_be_a_point_worse_is_not_as_good() -> None:
    wide = ROWS.iloc[[1]].assign(series="wide", accuracies=[0.97 + NOISE * 20], accuracy=[stats.interval(NOISE)])
    rows = pd.concat([ROWS.iloc[:2], wide], ignore_index=True)
    assert stats.p_value(stats.behind(rows)[2], 0) > 0.05, "it is not shown to be worse"
    assert stats.not_shown_worse(rows) == [0, 1]


def test_the_front_has_what_nothing_as_cheap_exceeds() -> None:
    # "early" costs what "worse" does, and "kept" more than "units", which is better.
    assert NAMES[stats.front(ROWS, "cost")].tolist() == ["units", "worse", "as good", "best"]
    dearer = pd.concat([ROWS, ROWS[NAMES == "best"].assign(series="no better", cost=500.0)], ignore_index=True)
    assert "no better" not in set(dearer["series"][stats.front(dearer, "cost")])
    assert stats.front(ROWS.iloc[:0], "cost") == []


def test_a_need_is_answered_by_the_best_that_meets_it_and_by_the_cheapest_as_good() -> None:
    found = {answer.need.text: answer for answer in stats.answers(ROWS)}
    every = found["Accuracy is all that counts"]
    assert (NAMES[every.best], NAMES[[*every.equals]].tolist(), NAMES[every.cheapest]) == (
        "best",
        ["as good"],
        "as good",
    )
    assert {text: NAMES[answer.best] for text, answer in found.items()} == {
        "Accuracy is all that counts": "best",
        "It has not been trained yet": "early",
        "It has been trained, and cannot be trained further": "kept",
        "It has been trained, and can be trained further": "best",
        "Whole units have to go": "units",
    }


def test_what_is_as_good_as_the_best_of_all_is_so_where_fewer_are_compared() -> None:
    near = ROWS.iloc[[0] * 40].assign(series=[f"near {n}" for n in range(40)])
    noise = [np.roll(NOISE, n % 5) for n in range(40)]
    near["accuracies"] = [0.977 + one for one in noise]
    near["accuracy"] = [stats.interval(one) for one in near["accuracies"]]
    rows = pd.concat([ROWS.iloc[[0]], near], ignore_index=True)
    one = stats.Need("One", (stats.Condition("of two", lambda found: found.index < 2),))
    every = stats.Need("Every")
    assert stats.not_shown_worse(rows.iloc[:2]) == [0], "alone it is shown to be worse"
    asked = {answer.need.text: answer for answer in stats.answers(rows, needs=(one, every))}
    assert asked["Every"].equals == tuple(range(1, 41))
    assert asked["One"].equals == (1,)


def test_what_was_denser_on_the_way_is_not_sparse_from_the_first_iteration() -> None:
    thin = ROWS[NAMES == "early"].assign(series="thin", cost=21.0)
    rows = pd.concat([ROWS, thin], ignore_index=True)
    found = {answer.need.text: answer for answer in stats.answers(rows)}["It has to be sparse from the first iteration"]
    assert (rows["series"][found.best], found.equals) == ("thin", ())


def test_methods_are_ranked_from_the_top_by_their_means() -> None:
    axes = figures.ranked(ROWS)
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        "best",
        "as good",
        "worse",
        "early",
        "units: units",
        "kept",
    ]
    assert axes.yaxis_inverted()
    assert "(%)" in axes.get_xlabel()
    assert figures.alt_ranked(ROWS).startswith("6 methods by test accuracy. Highest: best 98.00 % (")


@pytest.mark.parametrize("cost", stats.COSTS)
def test_a_front_names_what_is_on_it(cost: str) -> None:
    axes = figures.fronts(ROWS, cost)
    names = {"units: units, 10.5 %", *(f"{name}, 21 %" for name in ("worse", "as good", "best"))}
    assert {text.get_text() for text in axes.texts} == names
    assert re.search(r"log scale\)$", axes.get_xlabel())
    heights = [text.get_position()[1] for text in axes.texts]
    assert heights == sorted(heights, reverse=True), "the cheapest on top"
    assert min(heights) > 0.98, "above what they name"
    assert max(axes.get_yticks()) <= 1
    assert axes.spines["left"].get_bounds()[1] <= 1
    assert "On the front: units: units with 10.5 % of the weights, " in figures.alt_fronts(ROWS, cost)


@pytest.mark.parametrize("cost", stats.COSTS)
def test_a_front_is_read_on_a_page_and_on_a_phone_without_scrolling(cost: str) -> None:
    axes = figures.fronts(ROWS, cost)
    figure = axes.get_figure(root=True)
    assert figure is not None
    page = pictures.encode(figure)
    image = pictures.image(page, "A front.", narrow=figures.on_phone(axes))
    least = re.search(r"--wide: (\d+)px; --narrow: (\d+)px", image)
    assert least is not None
    assert int(least[1]) <= 676, "the room for a figure on a page that is 1,300 pixels wide"
    assert int(least[2]) <= 342, "the room for a figure on a phone that is 390 pixels wide"
