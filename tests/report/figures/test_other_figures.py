"""Curves, masks, layers, timings and verdicts are labelled, and drawn without a warning."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from drawings import drawn

from lth_lib.report import figures
from lth_lib.report.claims import VERDICTS, Line
from lth_lib.spec import SpecError

pytestmark = pytest.mark.filterwarnings("error")


def test_learning_curves_are_labelled(table: pd.DataFrame, curve: pd.DataFrame) -> None:
    ax = figures.learning_curves(curve, "valid_accuracy", stops=table, ylim=(0.9, 1), xlim=(0, 800), title="21 %")
    texts = drawn(ax)
    note = "Mean and 95 % t interval over replicates; marker: early stop"
    for text in ("Training iteration", "Validation accuracy (%)", "dense", "winning ticket", "21 %", note):
        assert text in texts
    assert (ax.get_ylim(), ax.get_xlim()) == ((0.9, 1), (0, 800))
    assert len(ax.containers) == 2  # an early stop with its interval on each curve


def test_a_diverged_curve_says_so(curve: pd.DataFrame) -> None:
    curve.loc[(curve["seed"] == 0) & (curve["iteration"] > 500) & (curve["series"] == "dense"), "value"] = math.nan
    assert "dense (1 diverged)" in drawn(figures.learning_curves(curve, "valid_loss"))


def test_ticks_have_the_same_decimals(curve: pd.DataFrame) -> None:
    ax = figures.learning_curves(curve, "valid_accuracy", ylim=(0.96, 0.985))
    drawn(ax)
    lengths = {len(label.get_text().partition(".")[2]) for label in ax.get_yticklabels()}
    assert lengths == {1}


def test_mask_image_is_labelled_and_not_interpolated() -> None:
    counts = np.arange(784).reshape(28, 28)
    ax = figures.mask_image(counts, most=300, of=300, title="Level 7")
    texts = drawn(ax)
    for text in ("Pixel column", "Pixel row", "Connections kept per pixel (of 300)", "Level 7"):
        assert text in texts
    assert ax.get_images()[0].get_clim() == (0, 300)
    with pytest.raises(SpecError, match="rows, columns"):
        figures.mask_image(counts.ravel())


def test_an_empty_mask_is_drawn() -> None:
    drawn(figures.mask_image(np.zeros((28, 28))))


def test_layer_density_is_labelled() -> None:
    rows = [
        {"level": n, "seed": s, "density": 0.8**n, "layer": name, "layer_density": rate**n}
        for n in range(5)
        for s in range(3)
        for name, rate in (("fc1", 0.8), ("fc2", 0.8), ("out", 0.9))
    ]
    table = pd.DataFrame(rows)
    texts = drawn(figures.layer_density(table))
    assert figures.alt_layers(table).endswith(
        "At 41 % of the weights fc1 keeps 41 %, fc2 keeps 41 %, out keeps 65.6 %."
    )
    for text in ("Weights remaining in the layer (%, log scale)", "Weights remaining (%, log scale)", "fc1", "out"):
        assert text in texts


def test_alt_of_curves_gives_the_best_and_the_end(curve: pd.DataFrame) -> None:
    text = figures.alt_curves(curve, "valid_accuracy")
    assert "against training iteration. Dense: highest, at the end, 95.50 % (" in text
    assert "lowest 0.9100 nats" in figures.alt_curves(curve, "valid_loss")


def test_the_scorecard_has_the_claim_its_rule_and_the_verdict_in_words() -> None:
    measured = (("accuracy", ("+0.2 points <& more>", "again")),)
    told = ("4", "the paper", "It wins.", "a lot", "Reproduced: if < 3.", "partly", "too small")
    page = figures.scorecard_html([Line(*told, measured, ("at the end: undecided",), "MNIST")])
    assert "◐&nbsp;<strong>partly</strong><br>too small<br><em>at the end: undecided</em>" in page
    assert "Accuracy<ul><li>+0.2 points &lt;&amp; more&gt;</li><li>again</li></ul>" in page
    assert "measured: MNIST.</caption>" in page
    assert '<th scope="row" rowspan="2">4</th>' in page
    assert "<summary>the rule</summary>Reproduced: if &lt; 3.</details>" in page


def test_the_scorecard_has_a_mark_for_every_verdict() -> None:
    told = ("4", "the paper", "It wins.", "a lot", "a rule")
    page = figures.scorecard_html([Line(*told, verdict, "why") for verdict in VERDICTS])
    assert all(f"<strong>{verdict}</strong>" in page for verdict in VERDICTS)
    assert "Measured here" not in page


def test_the_limits_hold_every_curve_after_the_climb() -> None:
    rows = [("a", seed, at, value + seed / 100) for seed in (0, 1) for at, value in ((0, 0.1), (10, 0.8), (100, 0.93))]
    curve = pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])
    lower = curve.assign(value=curve["value"] - 0.1)
    assert figures.limits([curve], 100) == (0.8, 0.94)
    assert figures.limits([curve, lower], 100) == (0.7, 0.94)
    assert figures.limits([curve], 50)[1] == 0.81


def test_survival_draws_a_line_with_its_interval_for_each_layer() -> None:
    rows = [(layer, r, v, 0.5 + r / 10 + v / 10) for layer in ("fc1", "out") for r in (0, 1) for v in (-1.0, 0.0, 1.0)]
    ax = figures.survival(pd.DataFrame(rows, columns=["layer", "replicate", "value", "kept"]), title="20 %")
    assert [line.get_label() for line in ax.lines] == ["fc1", "out"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.45, 0.55, 0.65])
    assert len(ax.collections) == 2
    assert ax.get_ylim()[0] == 0
    assert "standard deviations" in ax.get_xlabel()


def test_timings_are_medians_in_their_range() -> None:
    table = pd.DataFrame(
        {"series": "dense", "at": [1, 5], "median": [2.0, 1.0], "low": [1.5, 0.5], "high": [3.0, 1.25]}
    )
    ax = figures.timings(table, x="Replicates", y="Milliseconds", level=1)
    (container,) = ax.containers
    assert container.lines[0].get_ydata(orig=False).tolist() == [2.0, 1.0]
    bars = [segment[:, 1].tolist() for segment in container.lines[2][0].get_segments()]
    assert bars == [[1.5, 3.0], [0.5, 1.25]]
    assert (ax.get_xscale(), ax.get_ylim()[0]) == ("log", 0)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["dense"]


def test_small_layers_show_each_weight_that_is_kept_in_one_scale() -> None:
    sizes = {"fc1": np.array([[-4.0, 1.0, 2.0]]), "out": np.array([[0.5], [3.0]])}
    kept = {"fc1": np.array([[True, False, True]]), "out": np.array([[False], [True]])}
    first = figures.grids(sizes, kept, title="Half")
    axes = [ax for ax in first.get_figure(root=True).axes if ax.images]
    images = [ax.images[0] for ax in axes]
    assert np.array_equal(images[0].get_array().filled(np.nan), [[4, np.nan, 2]], equal_nan=True)
    assert {image.get_clim() for image in images} == {(0.0, 4.0)}
    assert [ax.get_title(loc="left") for ax in axes] == ["fc1: 2 of 3", "out: 1 of 2"]
    assert [line.get_xydata().tolist() for line in first.lines] == [[[1.0, 0.0]]], "a cross where one is gone"
    drawn(first)
    with pytest.raises(SpecError, match=r"weights of \['fc1', 'out'\] and masks of \['fc1'\]; give both"):
        figures.grids(sizes, {"fc1": kept["fc1"]})
