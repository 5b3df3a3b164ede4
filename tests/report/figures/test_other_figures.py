"""Curves, masks, layers, timings and verdicts are labelled, and drawn without a warning."""

from __future__ import annotations

import dataclasses
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
    ax = figures.learning_curves(curve, "valid_accuracy", stops=table, ylim=(0.9, 1), title="21 %")
    texts = drawn(ax)
    note = "Mean and 95 % t interval over replicates; marker: early stop"
    for text in ("Training iteration", "Validation accuracy (%)", "dense", "winning ticket", "21 %", note):
        assert text in texts
    assert (ax.get_ylim(), ax.get_xlim()) == ((0.9, 1), (0, 900))
    assert len(ax.containers) == 2  # an early stop with its interval on each curve


def test_a_diverged_curve_says_so(curve: pd.DataFrame) -> None:
    curve.loc[(curve["seed"] == 0) & (curve["iteration"] > 500) & (curve["series"] == "dense"), "value"] = math.nan
    assert "dense (1 diverged)" in drawn(figures.learning_curves(curve, "valid_loss"))


def test_ticks_have_the_same_decimals(curve: pd.DataFrame) -> None:
    ax = figures.learning_curves(curve, "valid_accuracy", ylim=(0.96, 0.985))
    drawn(ax)
    lengths = {len(label.get_text().partition(".")[2]) for label in ax.get_yticklabels()}
    assert lengths == {1}


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
    own = Line(*told, measured, ("at the end: undecided",), "MNIST", written="It <won>.")
    page = figures.scorecard_html([own])
    assert "<summary>◐&nbsp;<strong>partly</strong> 4. It wins.</summary>" in page
    assert "<dt>Why</dt><dd>too small</dd>" in page
    assert "<dd>at the end: undecided</dd>" in page
    assert "Accuracy<ul><li>+0.2 points &lt;&amp; more&gt;</li><li>again</li></ul>" in page
    assert "<p>Measured: MNIST.</p>" in page
    assert "<dt>As written</dt><dd>“It &lt;won&gt;.”</dd>" in page
    counted = dataclasses.replace(own, reason="yes at all 2 (corrected: 1 yes and 0 no of 2)")
    assert "answers are not corrected" in figures.scorecard_html([counted])
    assert "<dt>The rule</dt><dd>Reproduced: if &lt; 3.</dd>" in page


def test_a_verdict_is_one_line_that_leads_to_its_rule() -> None:
    told = ("4", "the <paper>", "It wins.", "a lot", "Reproduced: if < 3.", "partly", "too small")
    page = figures.verdicts_html(
        [Line(*told, anchor="claim-4"), Line(*told, anchor="claim-5", where="MNIST")], page="claims.html"
    )
    assert page.count("<li>") == 2
    assert "◐&nbsp;<strong>partly</strong>: It wins. <em>(the &lt;paper&gt;)</em>" in page
    assert "<em>(the &lt;paper&gt;; MNIST)</em>" in page
    assert '<a href="claims.html#claim-4">Rule and measurements of claim 4</a>' in page
    assert "if &lt; 3" not in page, "the rule stands on the scorecard"


def test_the_scorecard_has_a_mark_for_every_verdict() -> None:
    told = ("4", "the paper", "It wins.", "a lot", "a rule")
    page = figures.scorecard_html([Line(*told, verdict, "why") for verdict in VERDICTS])
    assert all(f"<strong>{verdict}</strong>" in page for verdict in VERDICTS)
    assert "Measured here" not in page


def test_the_limits_hold_every_curve_after_the_climb() -> None:
    rows = [("a", seed, at, value + seed / 100) for seed in (0, 1) for at, value in ((0, 0.1), (10, 0.8), (100, 0.93))]
    curve = pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])
    lower = curve.assign(value=curve["value"] - 0.1)
    assert figures.limits([curve], 10) == (0.8, 0.94)
    assert figures.limits([curve, lower], 10) == (0.7, 0.94)
    assert figures.limits([curve], 50)[0] == 0.93


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


def test_arrows_point_to_what_is_off_the_axes_and_words_say_it() -> None:
    rows = [("dense", seed, at, value) for seed in (0, 1) for at, value in ((0, 0.1), (10, 0.4), (20, 0.8), (30, 0.7))]
    climb = pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])
    assert len(figures.learning_curves(climb, "test_accuracy").texts) == 0
    (below,) = figures.learning_curves(climb, "test_accuracy", ylim=(0.75, 1)).texts
    assert below.xy == (10, 0)
    ax = figures.learning_curves(climb, "test_accuracy", log=True)
    (left,) = ax.texts
    assert left.xy == (0, pytest.approx(0.1))
    assert (ax.get_xscale(), ax.get_xlim()) == ("log", (10, 30))
    assert "below, by an arrow, 40.00 % at iteration 10" in figures.alt_curves(climb, "test_accuracy", low=0.75)
    said = figures.alt_curves(climb, "test_accuracy", log=True)
    assert "on a log scale" in said
    assert "to the left, by an arrow, 10.00 % at iteration 0" in said
    assert "arrow" not in figures.alt_curves(climb, "test_accuracy")


def test_mask_image_shows_kept_over_expected_on_one_scale_beside_the_mean_image() -> None:
    counts, seen = np.full((28, 28), 2), np.eye(28)
    counts[:, :14], counts[0, 0] = 1, 0  # 1.5 are expected, but for one
    ax = figures.mask_image(counts, seen, title="Level 7")
    texts = drawn(ax)
    for text in ("Pixel column", "Pixel row", "Kept over expected (times, log scale)", "Level 7", "Mean image", "0.25"):
        assert text in texts
    beside, _, _ = ax.figure.axes
    assert np.array_equal(beside.get_images()[0].get_array(), seen)
    shown = ax.get_images()[0]
    assert shown.get_clim() == figures.mask_image(counts * 9, seen).get_images()[0].get_clim() == (-2, 2)
    assert 2.0 ** shown.get_array()[5, 20] == pytest.approx(2 / counts.mean())
    assert shown.get_array()[0, 0] < -2


def test_a_mask_is_told_by_its_border_and_its_middle() -> None:
    counts = np.zeros((28, 28))
    counts[7:21, 7:21] = 3
    assert figures.alt_mask(counts).endswith(
        "between 0 and 4 times; 0 times on the border, two pixels wide, and 4 times in the middle."
    )


def test_a_mask_of_nothing_or_of_no_picture_is_refused() -> None:
    with pytest.raises(SpecError, match="rows, columns"):
        figures.over_expected(np.ones(784))
    with pytest.raises(SpecError, match="No connection is kept"):
        figures.over_expected(np.zeros((28, 28)))


def test_units_are_drawn_before_and_after_each_row_on_a_scale_of_its_own() -> None:
    begun = np.zeros((2, 28, 28))
    begun[0, 3, 4], begun[1, 5] = 0.1, -0.2
    rows, names = {"Before": begun, "After": begun * 4}, ["unit 7\n1 kept", "unit 9\n28 kept"]
    ax = figures.gallery(rows, names, columns=2, title="T")
    texts = drawn(ax)
    for text in ("Before", "After", "unit 7\n1 kept", "Weight", "T"):
        assert text in texts
    pictures = [one.get_images()[0] for one in ax.figure.axes if one.get_images()]
    assert [one.get_clim() for one in pictures] == [(-0.2, 0.2)] * 2 + [(-0.8, 0.8)] * 2
    assert np.array_equal(pictures[3].get_array(), begun[1] * 4)
    narrow = figures.gallery(rows, names, columns=1).figure.axes
    assert [one.get_ylabel() for one in narrow if one.get_images()] == ["Before", "After"] * 2
    said = figures.alt_gallery(rows, names)
    assert (
        "Before: unit 7, 1 kept: 1 positive and 0 negative, to 0.10; unit 9, 28 kept: 0 positive and 28 negative"
        in said
    )
    with pytest.raises(SpecError, match=r"1 names for rows of \[2\] units"):
        figures.gallery(rows, names[:1])
