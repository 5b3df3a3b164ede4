"""A figure by density has labels, units and a legend, and says what it leaves out."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from drawings import cell, drawn, saved
from matplotlib.colors import to_hex

from lth_lib.report import figures, stats
from lth_lib.report.figures.density import means
from lth_lib.report.figures.style import looks
from lth_lib.spec import SpecError

pytestmark = pytest.mark.filterwarnings("error")


def test_by_density_is_labelled_and_runs_down_from_100_percent(table: pd.DataFrame) -> None:
    ax = figures.by_density(table, "accuracy_at_early_stop", title="A title")
    texts = drawn(ax)
    for text in ("A title", "Weights remaining (%, log scale)", "Test accuracy at early stopping (%)", "100", "2"):
        assert text in texts
    for text in ("dense (100 %)", "winning ticket", "re-initialised", "Mean and 95 % t interval over replicates"):
        assert text in texts
    assert "at least (censored)" not in texts
    left, right = ax.get_xlim()
    assert left > 1 > right


def test_by_density_draws_the_interval(table: pd.DataFrame) -> None:
    found = means(table, "accuracy_at_early_stop")
    expected = stats.interval([0.98, 0.985, 0.99])
    ticket = found[(found["series"] == "winning ticket") & (found["level"] == 7)]["interval"].iloc[0]
    assert (ticket.low, ticket.high) == pytest.approx((expected.low, expected.high))
    bars = figures.by_density(table, "accuracy_at_early_stop").containers[0][2][0].get_segments()
    assert bars[1][:, 1].tolist() == pytest.approx([expected.low, expected.high])


def test_a_censored_mean_has_an_arrow_and_says_at_least(table: pd.DataFrame) -> None:
    assert "at least (censored)" in drawn(figures.by_density(table, "early_stop"))
    assert "at least 9,600 iterations" in figures.alt(table, "early_stop")


def test_a_series_is_told_apart_without_colour() -> None:
    named = looks(["dense", "winning ticket", "re-initialised", "shuffled mask", "a", "b", "c", "d"]).values()
    for part in ("colour", "marker", "line"):
        assert len({str(getattr(look, part)) for look in named}) == (8 if part != "line" else 7)
    with pytest.raises(SpecError, match="too many"):
        looks(map(str, range(9)))


def test_a_series_looks_the_same_in_every_figure(table: pd.DataFrame, curve: pd.DataFrame) -> None:
    one = figures.by_density(table, "early_stop").containers[0][0]
    two = figures.learning_curves(curve, "valid_accuracy").get_lines()[1]
    assert to_hex(one.get_color()) == to_hex(two.get_color()) == "#0072b2"


def test_series_look_beside_a_dense_network_as_they_do_without() -> None:
    names = [f"method {n}" for n in range(7)]
    assert looks(["dense", *names]) == looks(names) | looks(["dense"])


def test_missing_replicates_are_counted_on_the_figure() -> None:
    lost = pd.concat([cell("t", 1, [0.9, 0.91, 0.92]), cell("t", 2, [0.9, 0.91, math.nan])])
    assert "2/3" in drawn(figures.by_density(lost, "accuracy_at_early_stop"))
    dense = pd.concat([cell("dense", 0, [0.9, 0.91, math.nan]), lost])
    assert "dense (100 %), 2/3" in drawn(figures.by_density(dense, "accuracy_at_early_stop"))
    assert "n = 2, 1 missing" in figures.alt(lost, "accuracy_at_early_stop")


def test_no_mean_is_drawn_where_dense_accuracy_is_not_always_reached() -> None:
    lost = pd.concat([cell("t", 1, [0.9, 0.91, 0.92]), cell("t", 2, [0.9, 0.91, math.nan])])
    ax = figures.by_density(lost, "iterations_to_dense")
    assert len(ax.containers[0][0].get_xdata()) == 1
    assert "2/3" in drawn(ax)
    assert "no mean at 1 of them, where not every replicate arrives" in figures.alt(lost, "iterations_to_dense")


def test_one_replicate_is_drawn_without_a_bar() -> None:
    drawn(figures.by_density(pd.concat([cell("dense", 0, [0.9]), cell("t", 1, [0.9])]), "accuracy_at_early_stop"))


def test_an_unknown_quantity_is_an_error_that_names_the_known(table: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="accuracy_at_early_stop"):
        figures.by_density(table.assign(speed=1.0), "speed")


def test_alt_says_what_is_drawn_in_measured_numbers(table: pd.DataFrame) -> None:
    text = figures.alt(table, "accuracy_at_early_stop")
    assert text.startswith("Line chart: test accuracy at early stopping (%) against weights remaining")
    assert f"Dense (100 %): {stats.describe(stats.interval([0.97, 0.98, 0.99]), stats.PERCENT)}." in text
    assert "Winning ticket, 3 densities from 80 % to 1.15 %: highest 98.60 %" in text
    assert "lowest 97.50 %" in text
    assert "Re-initialised: 96.00 % (93.52 to 98.48, n = 3) at 21 %." in text


def test_the_same_figure_is_the_same_svg(table: pd.DataFrame) -> None:
    assert saved(figures.by_density(table, "early_stop")) == saved(figures.by_density(table, "early_stop"))
