"""What a chapter puts on the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from lth_lib.data import CIFAR10
from lth_lib.experiments.studies import lenet
from lth_lib.models import Conv
from lth_lib.report import page
from lth_lib.report.figures import new_axes, note
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    out: list[Any] = []
    monkeypatch.setattr(page, "display", lambda one, raw=False: out.append(one))
    return out


def noted(numbers: pd.DataFrame | None) -> Axes:
    """Return new axes with the numbers that they are to have drawn."""
    ax = new_axes()
    note(ax, numbers)
    return ax


def test_a_figure_has_number_caption_and_alternative_text(shown: list[Any]) -> None:
    page.figure(noted(None), number="9.1", caption="a < b", alt="a line")
    text = shown[0].data
    assert "<strong>Figure 9.1.</strong> a &lt; b</figcaption>" in text
    assert 'alt="a line"' in text


def test_frames_are_a_slider_and_a_caption(shown: list[Any]) -> None:
    page.frames([noted(None), noted(None)], [1, 2], name="Level", number="9.2", caption="c", alt="Two.", start=1)
    text = shown[0]["text/html"]
    assert text.index('max="1" value="1"') < text.index("<strong>Figure 9.2.</strong> c</figcaption>")


def test_the_numbers_of_a_figure_are_folded_under_it_and_a_picture_says_that_it_is_one(shown: list[Any]) -> None:
    table = pd.DataFrame({"Series": ["a < b"], "Value": ["3 % (2 to 4)"]})
    page.figure(noted(table), number="9.6", caption="c", alt="a")
    page.figure(noted(None), number="9.7", caption="c", alt="a")
    first, second = shown[0].data, shown[1].data
    assert "<td>a &lt; b</td>" in first
    assert first.index("<details") < first.index("<td>3 % (2 to 4)</td>") < first.index("<figcaption>")
    assert "<details" not in second
    assert '<figcaption class="lth-picture">' in second
    with pytest.raises(SpecError, match="keeps the numbers that it draws"):
        page.figure(new_axes(), number="9.8", caption="c", alt="a")


def test_the_numbers_of_frames_are_one_table_with_a_column_of_their_labels(shown: list[Any]) -> None:
    two = [noted(pd.DataFrame({"Value": [str(n)]})) for n in (1, 2)]
    page.frames(two, ["20 %", "10 %"], name="Left", number="9.9", caption="c", alt="a")
    cells = re.findall("<t[hd]>([^<]*)</t[hd]>", shown[0]["text/html"])
    assert cells == ["Left", "Value", "20 %", "1", "10 %", "2"]
    with pytest.raises(SpecError, match="some are pictures"):
        page.frames([noted(None), *two[:1]], [1, 2], name="Left", number="9.9", caption="c", alt="a")


def test_accuracy_is_shown_in_every_reading_it_has_and_drawn_in_the_first(shown: list[Any]) -> None:
    columns = {"series": "ticket", "level": [1, 1, 2, 2], "seed": [0, 1, 0, 1], "density": [0.8, 0.8, 0.6, 0.6]}
    table = pd.DataFrame(columns).assign(censored=False, diverged=False, accuracy_at_end=np.nan, early_stop=100.0)
    table = table.assign(accuracy_at_early_stop=0.9, accuracy_at_best=[0.95, 0.96, 0.97, 0.98])
    page.by_reading(table, number="9.3", caption="a < b")
    text = shown[0].data
    model = json.loads(text.split('<script type="application/json">')[1].split("</script>")[0])
    assert [one["key"] for one in model["metrics"]] == ["accuracy_at_early_stop", "accuracy_at_best", "early_stop"]
    assert model["name"] == "Figure 9.3. a < b"
    assert 'alt="Line chart: test accuracy at early stopping (%)' in text
    assert "<strong>Figure 9.3.</strong> a &lt; b</figcaption>" in text


def test_where_names_data_and_schedule() -> None:
    assert page.where(lenet("paper")) == "MNIST, 50,000 iterations, batch 60"
    recipe = Recipe(Adam(), Rate(2e-4), batch=60, steps=4_000, precision="bfloat16")
    assert page.where(Setting(CIFAR10("jpeg75"), Conv(1), recipe)) == (
        "CIFAR10 (jpeg75), 4,000 iterations, batch 60, bfloat16"
    )


def test_pixels_that_are_not_normalised_are_said() -> None:
    digits = lenet("paper")
    said = page.where(replace(digits, data=replace(digits.data, pixels="unit")))
    assert said == "MNIST (pixels between 0 and 1), 50,000 iterations, batch 60"


def curve(height: float) -> SimpleNamespace:
    """Return what a figure asks of a result: two seeds that learn to `height` within 100 iterations and stay."""
    metrics = {"step": np.array([0, 100, 200]), "test_accuracy": np.array([[0.1, 0.1], [height] * 2, [height] * 2])}
    return SimpleNamespace(run=SimpleNamespace(start=0, seeds=(0, 1)), metrics=metrics)


def test_curves_are_explored_by_name_and_the_first_is_drawn(shown: list[Any]) -> None:
    rows = [(seed, at, at / 100 + seed / 1000) for seed in (0, 1) for at in (0, 30, 60, 90)]
    first = pd.DataFrame(rows, columns=["seed", "iteration", "value"]).assign(series="dense")
    two = {"21 %": first, "4 %": first.assign(value=first["value"] / 2)}
    page.explore_curves(two, "test_accuracy", number="9.4", caption="c", sets="Weights", after=60)
    text = shown[0].data
    model = json.loads(text.split('<script type="application/json">')[1].split("</script>")[0])
    assert [one["name"] for one in model["sets"]] == ["21 %", "4 %"]
    assert model["metrics"][0]["above"] == 30  # where the lowest curve is after 60 iterations
    assert 'alt="Line chart: test accuracy (%) against training iteration, on a log scale.' in text


def test_masks_are_a_slider_whose_frames_are_told_apart(shown: list[Any]) -> None:
    two = {"a": np.ones((28, 28)), "b": np.eye(28)}
    page.by_pixel(two, np.eye(28), titles=["A", "B"], name="Level", number="9.5", caption="c.", start=1)
    text = shown[0]["text/html"]
    first, second = re.findall(r'<img[^>]* alt="([^"]*)"', text)
    assert "between 1 and 1 times" in first
    assert "between 0 and 28 times" in second
    assert "c. Kept over expected" in text
    assert "from 0.25 to 4 times" in text


def test_learning_curves_are_explored_level_by_level_on_one_axis_with_their_early_stops(shown: list[Any]) -> None:
    levels = {
        3: {"dense": [curve(0.9)], "winning ticket": [curve(0.95)]},
        7: {"dense": [curve(0.9)], "lone": [curve(0.92)]},
    }
    rows = [("dense", 0, 1.0), ("winning ticket", 3, 0.5), ("lone", 7, 0.2)]
    table = pd.DataFrame([(*row, seed, 100.0) for row in rows for seed in (0, 1)])
    table.columns = pd.Index(["series", "level", "density", "seed", "early_stop"])
    page.explore_levels(levels, table, number="1", caption="c", after=100, start=7)
    page.explore_levels(levels, table, number="2", caption="c", after=100, start=3, stops=False)
    first, second = (
        json.loads(one.data.split('<script type="application/json">')[1].split("</script>")[0]) for one in shown
    )
    assert [one["name"] for one in first["sets"]] == ["50 %", "20 %"]
    assert first["begin"] == {"set": 1, "logX": False, "above": True}
    assert (first["axis"]["alike"], first["metrics"][0]["above"]) == (True, 90)
    (stop,) = (point for point in first["always"]["test_accuracy"] if "stop" in point)
    assert stop["said"].startswith("100 iterations (")
    assert [figure["axis"]["marked"] for figure in (first, second)] == [True, False]
    assert "Weights remaining: 20 %" in shown[0].data
