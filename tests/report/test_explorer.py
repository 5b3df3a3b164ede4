"""What the explorer shows is what the table says; tests/book moves it in a browser."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import explorer
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


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(SpecError, match="give at least one of each"):
        explorer.model({}, ["accuracy_at_end"], name="Nothing")
