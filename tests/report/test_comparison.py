"""Methods on a page: by density and data set, as a table to sort, and as a guide in the order of its questions."""

import pandas as pd
import pytest
from IPython.display import HTML
from test_methods import ROWS, TABLE

from lth_lib.report import comparison, figures, stats
from lth_lib.report.comparison.methods import UNTRAINED

CLOTHES = ROWS.assign(data="FashionMNIST", level=13, density=0.05)
BOTH = pd.concat([ROWS, CLOTHES], ignore_index=True)


def test_each_density_has_its_methods_by_data_set_where_there_are_two() -> None:
    assert {name: len(own) for name, own in comparison.by_density(ROWS, (7, 13)).items()} == {"21 %": 6}
    assert [*comparison.by_density(BOTH, (7, 13))] == ["MNIST, 21 %", "FashionMNIST, 5 %"]


def test_the_highest_are_drawn_and_untrained_ones_do_not_widen_the_spread() -> None:
    assert comparison.highest(ROWS, 2)["series"].tolist() == ["best", "as good"]
    # Of the five that are trained, 0.90 0.94 0.95 0.979 0.98, the middle half lies within 0.94 to 0.979.
    assert comparison.spread(ROWS) == pytest.approx(0.039)


def test_the_table_has_a_row_for_each_and_says_what_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.methods.display", shown.append)
    comparison.listed(BOTH, caption="All")
    page = str(shown[0].data)
    assert page.count("<tr>") == 1 + len(BOTH)
    assert '<td data-by="0.98">98.00 (97.80 to 98.20)</td>' in page
    assert "collapsed: fc2 in 2 of 5" in page
    (kept, *_) = (line for line in page.split("\n") if ">kept</th>" in line)
    assert '<td data-by="">–</td>' in kept, "it has no early stop"
    assert kept.endswith("<td>not trained after pruning</td></tr>"), "and why"
    assert page.count("<select") == 4, "data, when, what goes, level"


def test_a_density_may_be_asked_of_patterns_alone_and_they_are_named_in_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patterned = ROWS[ROWS["series"].isin(["best", "worse"])].assign(scope=["Layerwise", "Neighbours"])
    *_, pattern = stats.NEEDS
    found = comparison.guided({"21 %": ROWS, "50 %": patterned}, {"50 %": (pattern,)})
    own = found[found["Weights"] == "50 %"]
    assert own["What is needed"].tolist() == [pattern.text]
    assert own["Most accurate"].str.startswith("worse").all()
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.methods.display", shown.append)
    comparison.listed(patterned, caption="Two")
    assert "<td>patterns</td>" in str(shown[0].data)


def test_replicates_to_choose_from_are_those_of_the_rows_and_read_as_they_are() -> None:
    rows = ROWS[ROWS["series"].isin(["best", "kept", "units"])]
    found = comparison.every_replicate({"one": TABLE}, rows).groupby("series")
    assert found.size().to_dict() == {"best": 5, "dense": 5, "kept": 5, "units: units": 5}
    assert found["accuracy_at_end"].mean()["kept"] == 0.5  # it is not trained on
    assert found["density"].mean()["units: units"] == pytest.approx(0.105)


def test_what_is_the_same_of_all_is_no_column_and_a_control_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.methods.display", shown.append)
    rows = ROWS[ROWS["series"].isin(["best", "worse"])].assign(when=["after", "control"])
    comparison.listed(rows, caption="Two")
    page = str(shown[0].data)
    assert page.count("<select") == 1
    assert ">When</th>" in page
    assert "<td>control: drawn anew</td>" in page
    assert not any(f">{name}</th>" in page for name in ("Data", "What goes", "Level"))


def test_what_a_series_takes_is_told_at_each_of_its_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.spending.display", shown.append)
    own = TABLE[TABLE["series"].isin(["best", "worse"])].assign(iterations_to_dense=200.0, censored=False)
    late = own["series"] == "worse"
    own.loc[late, "censored"] = True
    own.loc[own[late].index[0], "iterations_to_dense"] = float("nan")
    comparison.spent(own, ["worse", "best"], lambda kept: kept, caption="Spent")
    lines = str(shown[0].data).split("<tbody>")[1].split("</tr>")
    assert 'scope="row">worse<' in lines[0]
    assert ">at least " in lines[0]
    assert '<td data-by="">4 of 5 get there</td>' in lines[0]
    assert 'scope="row">best<' in lines[1]
    assert '<td data-by="200">200 (200 to 200)</td>' in lines[1]
    assert "at least" not in lines[1]
    steps, kept = (own[own["series"] == "best"][name].mean() for name in ("steps", "density"))
    assert f'<td data-by="{steps * kept:.8g}">{steps * kept:,.0f}</td>' in lines[1]


def test_the_guide_asks_in_order_and_names_all_that_are_as_good() -> None:
    found = comparison.guided(comparison.by_density(ROWS, (7,)))
    assert found["What is needed"].tolist() == [need.text for need in stats.NEEDS[:6] if "sparse from" not in need.text]
    assert found.iloc[0].tolist()[1:] == ["21 %", "best: 98.00 (97.80 to 98.20)", "as good", "as good"]
    several = pd.concat(
        [TABLE, *(TABLE[TABLE["series"] == "best"].assign(series=f"b{n}", digest=f"b{n}") for n in range(4))]
    )
    rows = stats.methods({"one": several}, {"one": ["best", "b0", "b1", "b2", "b3"]})
    (first, *_) = comparison.guided({"all": rows})["Not shown to be worse"]
    assert first == "b0; b1; b2; b3"


def test_an_early_stop_that_may_be_too_early_is_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.methods.display", shown.append)
    comparison.listed(ROWS[ROWS["series"] == "worse"].assign(late=True), caption="Late")
    assert '<td data-by="50">at least 50</td>' in str(shown[0].data)


def test_the_guide_is_shown_at_the_density_that_it_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[HTML] = []
    monkeypatch.setattr("lth_lib.report.comparison.needs.display", shown.append)
    comparison.guide(comparison.by_density(BOTH, (7, 13)), caption="Guide", begin="FashionMNIST, 5 %")
    page = str(shown[0].data)
    assert "<option selected>FashionMNIST, 5 %</option>" in page
    assert page.count("<tr>") == 1 + 10


def test_the_rule_of_a_need_is_all_that_is_asked_of_a_row_in_the_words_of_its_table() -> None:
    told = comparison.rules().set_index("What is needed")["A method meets it if"]
    assert told["Accuracy is all that counts"] == "always"
    assert told["Whole units have to go"] == '"What goes" is "units"'
    both = told["It has to be sparse from the first iteration"]
    assert both.startswith(told["It has not been trained yet"] + ', and "Training" is at most 1.05 times')
    assert all(f'"{figures.WHEN[when]}"' in told["It has not been trained yet"] for when in ("before", "during"))
    assert f'"{figures.WHEN["after"]}"' in told["It has been trained, and can be trained further"]
    assert told["It has been trained, and cannot be trained further"].endswith(f'"Note" says "{UNTRAINED}"')


def test_a_need_is_met_where_all_its_conditions_hold() -> None:
    early, *_, thin = (
        stats.Condition("early", lambda rows: rows["when"] == "before"),
        stats.Condition("thin", lambda rows: rows["cost"] < 200),
    )
    assert ROWS["series"][stats.Need("Both", (early, thin)).meets(ROWS)].tolist() == []
    assert ROWS["series"][stats.Need("One", (early,)).meets(ROWS)].tolist() == ["early"]
    assert stats.Need("None").meets(ROWS).all()
