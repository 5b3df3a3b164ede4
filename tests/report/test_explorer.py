"""What the explorer shows is what the table says; tests/book moves it in a browser."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import explored_curves, explorer
from lth_lib.report.stats import ITERATIONS, PERCENT, describe, interval
from lth_lib.spec import SpecError


@pytest.fixture
def table() -> pd.DataFrame:
    """Return dense networks and tickets, three replicates each, of which one ticket stops late."""
    columns = {"series": ["dense"] * 3 + ["ticket"] * 6, "level": [0] * 3 + [1] * 3 + [2] * 3, "seed": [0, 1, 2] * 3}
    values = np.array([0.97, 0.98, 0.99, 0.98, 0.985, 0.99, 0.9, 0.91, np.nan])
    late = [False] * 5 + [True] + [False] * 3
    return pd.DataFrame(columns).assign(
        density=0.5 ** np.array(columns["level"]), accuracy_at_end=values, early_stop=1000.0, censored=late
    )


def test_points_are_means_intervals_and_replicates_in_the_unit_shown(table: pd.DataFrame) -> None:
    found = explorer.model({"MNIST": table}, ["accuracy_at_end"], name="Tickets")
    dense, first, second = found["sets"][0]["points"]["accuracy_at_end"]
    expected = interval([0.98, 0.985, 0.99])
    assert (dense["x"], first["x"], second["x"]) == (100, 50, 25)
    assert first["y"] == pytest.approx([end * 100 for end in (expected.mean, expected.low, expected.high)], rel=1e-5)
    assert first["said"] == describe(expected, PERCENT)
    assert first["each"] == ["98.00", "98.50", "99.00"]
    assert second["each"] == ["90.00", "91.00"]
    assert second["said"].endswith("n = 2, 1 missing)")


def test_a_censored_mean_is_at_least(table: pd.DataFrame) -> None:
    points = explorer.model({"": table}, ["early_stop"], name="Stops")["sets"][0]["points"]["early_stop"]
    assert [point["least"] for point in points] == [False, True, False]
    assert points[1]["said"] == "at least " + describe(interval([1000.0] * 3), ITERATIONS)


def test_the_table_behind_a_figure_has_every_point_and_no_name_ends_the_script(table: pd.DataFrame) -> None:
    text = explorer.html({"</script>": table, "b": table}, ["accuracy_at_end"], "<p>still</p>", name="<i>")
    assert text.count("</script>") == 1
    assert text.count("<tr") == 1 + 2 * 3
    assert describe(interval([0.98, 0.985, 0.99]), PERCENT) in text


def test_what_tables_are_called_heads_the_choice_and_the_column(table: pd.DataFrame) -> None:
    both = {"once": table, "in steps": table}
    assert explorer.model(both, ["accuracy_at_end"], name="Two", sets="Masks")["axis"]["sets"] == "Masks"
    assert "<th>Masks</th>" in explorer.html(both, ["accuracy_at_end"], "", name="Two", sets="Masks")
    assert "<th>Data</th>" in explorer.html(both, ["accuracy_at_end"], "", name="Two")


def test_of_one_layer_the_axis_says_so_and_all_tables_share_the_other(table: pd.DataFrame) -> None:
    layer, network = (
        explorer.model({"": table}, ["accuracy_at_end"], name="n", across=axis)["axis"]
        for axis in (explorer.LAYER, explorer.NETWORK)
    )
    assert (layer["label"], layer["alike"]) == ("Weights of the layer remaining", True)
    assert (network["label"], network["alike"]) == ("Weights remaining", False)


def test_series_on_offer_have_no_look_until_they_are_shown(table: pd.DataFrame) -> None:
    many = pd.concat([table, *(table.assign(series=f"method {n}") for n in range(9))], ignore_index=True)
    groups = {name: "any" for name in many["series"]}
    offer = explorer.Offer(groups, ("ticket",))
    found = explorer.model({"": many}, ["accuracy_at_end"], name="Many", offer=offer)
    assert [one["name"] for one in found["series"] if "colour" in one] == ["dense"]
    assert [one["name"] for one in found["series"] if one.get("begun")] == ["ticket"]
    assert len(found["looks"]) == 7
    text = explorer.html({"": many}, ["accuracy_at_end"], "", name="Many", offer=offer)
    assert "<td>method 1</td>" not in text, "the table has what a reader begins with"
    with pytest.raises(SpecError, match="too many for one figure"):
        explorer.model({"": many}, ["accuracy_at_end"], name="Many")


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(SpecError, match="give at least one of each"):
        explorer.model({}, ["accuracy_at_end"], name="Nothing")


@pytest.fixture
def curve() -> pd.DataFrame:
    """Return learning curves of two series, three replicates each, one of which diverges."""
    rows = [
        (name, seed, at, height + at / 1000 + seed / 100)
        for name, height in (("dense", 0.1), ("ticket", 0.5))
        for seed in range(3)
        for at in (0, 10, 20, 30)
    ]
    table = pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])
    table.loc[(table["series"] == "ticket") & (table["seed"] == 2) & (table["iteration"] == 30), "value"] = np.nan
    return table


def test_curves_have_each_evaluation_with_its_interval_and_replicates(curve: pd.DataFrame) -> None:
    found = explored_curves.model({"21 %": curve}, "test_accuracy", name="n", sets="Weights", above=0.5)
    points = found["sets"][0]["points"]["test_accuracy"]
    assert [(p["series"], p["x"]) for p in points] == [(k, at) for k in (0, 1) for at in (0, 10, 20, 30)]
    expected = interval([0.11, 0.12, 0.13])
    assert points[1]["y"] == pytest.approx(
        [end * 100 for end in (expected.mean, expected.low, expected.high)], rel=1e-5
    )
    assert points[1]["said"] == describe(expected, PERCENT)
    assert points[-1]["each"] == ["53.00", "54.00"]
    assert found["metrics"][0]["above"] == 50
    assert not any(one["flat"] for one in found["series"])


def test_an_early_stop_stands_among_its_evaluations_at_what_was_reached(curve: pd.DataFrame) -> None:
    rows = [
        ("ticket", 1, seed, at, reached, seed == 2) for seed, at, reached in ((0, 12, 0.5), (1, 15, 0.6), (2, 18, 0.7))
    ]
    stops = pd.DataFrame(rows, columns=["series", "level", "seed", "early_stop", "accuracy_at_early_stop", "censored"])
    found = explored_curves.model(
        {"21 %": curve},
        "test_accuracy",
        name="n",
        sets="Weights",
        stops={"21 %": stops},
        begin=explored_curves.Begin("21 %"),
    )
    ticket = [point for point in found["sets"][0]["points"]["test_accuracy"] if point["series"] == 1]
    assert [point["x"] for point in ticket] == [0, 10, 15, 20, 30]
    expected = interval([12.0, 15.0, 18.0])
    assert ticket[2]["y"] == [60, None, None]
    assert ticket[2]["stop"] == pytest.approx([expected.low, expected.high], rel=1e-5)
    assert ticket[2]["said"] == f"at least {describe(expected, ITERATIONS)}; 60.00 %"
    assert ticket[2]["each"] == ["12", "15", "18"]


def test_a_series_that_all_tables_have_alike_is_given_once(curve: pd.DataFrame) -> None:
    lower = curve.assign(value=curve["value"].where(curve["series"] == "dense", curve["value"] / 2))
    found = explored_curves.model({"21 %": curve, "4 %": lower}, "test_accuracy", name="n", sets="Weights")
    parts = [found["always"], *(one["points"] for one in found["sets"])]
    assert [{point["series"] for point in part["test_accuracy"]} for part in parts] == [{0}, {1}, {1}]
    alone = explored_curves.model({"21 %": curve}, "test_accuracy", name="n", sets="Weights")
    assert alone["always"]["test_accuracy"] == []


def test_the_table_behind_curves_has_few_iterations_and_the_last(curve: pd.DataFrame) -> None:
    text = explored_curves.html({"21 %": curve, "4 %": curve}, "test_accuracy", "<p>", name="n", sets="Weights")
    assert text.count("<tr") == 1 + 2 * 2 * 4
    assert "<th>Weights</th>" in text
    long = pd.concat([curve, curve.assign(iteration=curve["iteration"] + 1_010)])
    text = explored_curves.html({"21 %": long}, "test_accuracy", "<p>", name="n", sets="Weights")
    assert text.count("<tr") == 1 + 2 * (3 + 1)  # 0, 10, 20 and the end, 1,040
    with pytest.raises(SpecError, match="at least one table"):
        explored_curves.model({}, "test_accuracy", name="n", sets="Weights", above=None)
