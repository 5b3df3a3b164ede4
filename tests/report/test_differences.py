"""Differences are drawn a row each, kinds apart, with the line at 0, and are told in words."""

import pytest
from matplotlib.axes import Axes

from lth_lib.report import figures
from lth_lib.report.stats import Interval
from lth_lib.spec import SpecError

pytestmark = pytest.mark.filterwarnings("error")

LABEL = "Difference of test accuracy"
FOUND = {
    "densities": {"SNIP": Interval(0.02, 0.017, 0.023, 5), "GraSP": Interval(0.01, 0.005, 0.015, 5)},
    "choice": {"SNIP": Interval(-0.007, -0.01, -0.004, 5)},
}


def drawn(**more: tuple[float, float]) -> Axes:
    return figures.differences(FOUND, LABEL, title="21.1 % of the weights", **more)


def test_a_row_for_each_name_and_a_marker_for_each_kind() -> None:
    ax = drawn()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["SNIP", "GraSP"]
    bars = {bar.get_label(): bar for bar in ax.containers}
    assert list(bars) == ["densities", "choice"]
    assert [bars["densities"].lines[0].get_xdata().tolist(), bars["choice"].lines[0].get_xdata().tolist()] == [
        [0.02, 0.01],
        [-0.007],
    ]
    (first, second), (lone,) = (bars[kind].lines[0].get_ydata() for kind in bars)
    assert first < 0 < lone < 0.5 < second
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first row is on top"
    assert ax.get_xlabel() == "Difference of test accuracy (points)"


def test_bars_end_where_intervals_do() -> None:
    (_, _, (bars,)) = drawn().containers[0].lines
    assert [segment[:, 0].tolist() for segment in bars.get_segments()] == [
        pytest.approx([0.017, 0.023]),
        pytest.approx([0.005, 0.015]),
    ]


def test_figures_of_one_slider_have_one_axis() -> None:
    low, high = figures.reach(FOUND, {"choice": {"SNIP": Interval(0.04, 0.03, 0.05, 5)}})
    assert low < -0.01
    assert high > 0.05
    assert drawn(within=(low, high)).get_xlim() == (low, high)
    only = figures.reach({"choice": {"SNIP": Interval(0.04, 0.03, 0.05, 5)}})
    assert only[0] < 0, "the line at 0 is seen"


def test_ticks_are_points_with_their_sign() -> None:
    shown = drawn(within=(-0.01, 0.02)).xaxis.get_major_formatter()
    assert [shown(value, 0) for value in (-0.01, 0.0, 0.005, 0.02)] == ["-1", "0", "+0.5", "+2"]


def test_nothing_is_not_drawn() -> None:
    with pytest.raises(SpecError, match="no differences to draw"):
        figures.differences({"choice": {}}, LABEL)


def test_in_words_every_row_has_all_its_kinds() -> None:
    assert figures.alt_differences(FOUND, LABEL) == (
        "Difference of test accuracy, with intervals. "
        "SNIP: densities +2.00 points (+1.70 to +2.30, n = 5), choice -0.70 points (-1.00 to -0.40, n = 5); "
        "GraSP: densities +1.00 points (+0.50 to +1.50, n = 5)."
    )
