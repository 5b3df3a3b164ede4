"""Where weights are left is drawn a row for each method, and told in words."""

import pandas as pd
import pytest
from drawings import drawn

from lth_lib.report import figures
from lth_lib.spec import SpecError

pytestmark = pytest.mark.filterwarnings("error")

KEPT = {"random": {"fc1": 0.018, "out": 0.134}, "Wanda": {"fc1": 0.018, "out": 0.02}}
TABLE = pd.DataFrame(
    [
        {"series": name, "level": 18, "seed": seed, "density": 0.0185, "layer": layer, "layer_density": share}
        for name, layers in KEPT.items()
        for layer, share in layers.items()
        for seed in range(3)
    ]
)


def test_each_method_is_a_row_and_each_layer_a_marker() -> None:
    ax = figures.by_layer(TABLE, title="1.85 % of the weights")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["random", "Wanda"]
    marks = {bar.get_label(): bar.lines[0].get_xdata().tolist() for bar in ax.containers}
    assert marks == {"fc1": pytest.approx([0.018, 0.018]), "out": pytest.approx([0.134, 0.02])}
    first, last = (bar.lines[0].get_ydata() for bar in ax.containers)
    assert (first < last).all(), "none hides another that is equally dense"
    assert {"the network", "fc1", "out", "Weights remaining in the layer (%, log scale)"} <= {*drawn(ax)}


def test_figures_of_one_slider_have_one_axis() -> None:
    ends = {figures.by_layer(TABLE[TABLE["layer"] == layer], least=0.01).get_xlim() for layer in ("fc1", "out")}
    assert len(ends) == 1


def test_one_level_is_drawn_at_a_time() -> None:
    with pytest.raises(SpecError, match="one level"):
        figures.by_layer(pd.concat([TABLE, TABLE.assign(level=7)]))


def test_words_say_what_each_layer_keeps() -> None:
    told = figures.alt_by_layer(TABLE)
    assert "where the network keeps 1.85 %." in told
    assert told.endswith("random: fc1 1.8 %, out 13.4 %; Wanda: fc1 1.8 %, out 2 %.")
