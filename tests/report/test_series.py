"""Ways to go on from one method's masks, beside one another."""

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import stats
from lth_lib.spec import SpecError

SEEDS = np.arange(4)
WOBBLE = 0.001 * SEEDS


def cell(series: str, level: int, accuracy: np.ndarray, left: float = 1.0) -> pd.DataFrame:
    """Return four replicates, whose masks keep twice the weights of the smaller network."""
    sizes = {"density": 2 * left, "bytes_smaller": 4_000 * left, "bytes_dense": 4_000}
    return pd.DataFrame({"series": series, "level": level, "seed": SEEDS, "accuracy": accuracy, **sizes})


TABLE = pd.concat(
    [
        cell("dense", 0, 0.9 + WOBBLE),
        cell("l1, new", 1, 0.8 + WOBBLE, 0.2),
        cell("l1, old", 1, 0.7 + WOBBLE, 0.2),
        cell("l1, new", 3, 0.6 + WOBBLE, 0.1),
        cell("l1, old", 3, 0.6 + 2 * WOBBLE, 0.1),
        cell("l2, new", 1, 0.5 + WOBBLE, 0.2),
        cell("l2, old", 1, 0.3 + WOBBLE, 0.2),
    ],
    ignore_index=True,
)


def test_some_series_are_shown_under_other_names_in_their_order() -> None:
    shown = stats.renamed(TABLE, {"l2, new": "squares", "dense": "dense"})
    assert shown["series"].tolist() == ["squares"] * 4 + ["dense"] * 4
    assert shown["accuracy"].tolist() == pytest.approx([*(0.5 + WOBBLE), *(0.9 + WOBBLE)])


def test_a_series_that_is_not_there_is_named() -> None:
    with pytest.raises(SpecError, match=r"^There is no series l3, new; there are dense, l1, new, l1, old"):
        stats.renamed(TABLE, {"l3, new": "l3"})


def test_a_network_without_its_columns_is_smaller_than_its_masks_say() -> None:
    assert stats.densities(stats.without_gone(TABLE), "l1, new") == pytest.approx({1: 0.2, 3: 0.1})
    assert stats.densities(TABLE, "l1, new") == pytest.approx({1: 0.4, 3: 0.2})


def test_two_ways_are_compared_seed_by_seed_for_each_method_and_level() -> None:
    found = stats.between_ways(TABLE, "accuracy", ["l1", "l2"], "new", "old")
    assert {key: one.mean for key, one in found.items()} == pytest.approx(
        {("l1", 1): 0.1, ("l1", 3): -0.0015, ("l2", 1): 0.2}
    )
    assert found["l1", 1].high == pytest.approx(0.1), "what all seeds share is no difference"


def test_the_table_has_the_densest_first_and_each_contrast_in_points() -> None:
    found = stats.between_ways(TABLE, "accuracy", ["l1", "l2"], "new", "old")
    shown = stats.beside_ways({1: 0.2, 3: 0.1}, {"New minus old": found})
    assert shown[["Weights", "Criterion", "n"]].to_numpy().tolist() == [
        ["20 %", "l1", "4"],
        ["20 %", "l2", "4"],
        ["10 %", "l1", "4"],
    ]
    assert list(stats.beside_ways({1: 0.2, 3: 0.1}, {"a": found}, "Pattern")) == [
        "Weights",
        "Pattern",
        "n",
        "a (points)",
    ]
    assert shown["New minus old (points)"].tolist()[:2] == ["+10.00 (+10.00 to +10.00)", "+20.00 (+20.00 to +20.00)"]


def test_methods_are_compared_with_one_of_them_at_each_level_that_both_have() -> None:
    shown = stats.renamed(TABLE, {"l1, new": "l1", "l1, old": "random", "l2, new": "l2"})
    found = stats.over_other(shown, "accuracy", ["l1", "l2"], "random", shared=False)
    assert {key: one.mean for key, one in found.items()} == pytest.approx(
        {("l1", 1): 0.1, ("l1", 3): -0.0015, ("l2", 1): -0.2}
    )
    assert found["l2", 1].against == 4, "by all replicates of both"


def test_what_is_shown_is_marked_by_a_word_and_what_is_not_has_none() -> None:
    found = stats.between_ways(TABLE, "accuracy", ["l1"], "old", "new")
    shown = stats.marked(found, {1: 0.2, 3: 0.1}, head="Norm", words=("more", "less"))
    assert list(shown) == ["Norm", "20 %", "10 %"]
    (row,) = shown.to_numpy().tolist()
    assert row[:2] == ["l1", "less: -10.00 (-10.00 to -10.00)"]
    assert row[2].startswith("+0.15 ("), "0, 0.1, 0.2 and 0.3 points: not shown"
