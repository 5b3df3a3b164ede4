"""Claims of pruning before training, on tables made by hand."""

import numpy as np
import pandas as pd
import pytest

from lth_lib.report.claims import NOT_REPRODUCED, NOT_TESTED, PARTLY, REPRODUCED, UNDECIDED
from lth_lib.report.claims.second import RULES, judge

WOBBLE = np.arange(5) - 2.0
"""Two groups of spread 0.0002 that differ so have an interval of 0.05 points to either side."""

OF_FASHION = {rule.key: rule for rule in RULES if rule.studies == ("before-fashion",)}


def word(key: str, worse: dict[tuple[str, int], float], spread: float = 0.0002) -> str:
    """Return the verdict on networks that are so much less accurate at some series and levels, and else alike."""
    rule, parts = OF_FASHION[key], []
    for cell in rule.cells:
        accuracy = 0.9 - worse.get(cell.key, 0.0) + spread * WOBBLE
        own = {"accuracy_at_end": accuracy, "accuracy_at_early_stop": accuracy, "accuracy_at_best": accuracy}
        same = {"series": cell.series, "level": cell.level, "density": cell.density, "diverged": False}
        parts.append(pd.DataFrame({"seed": np.arange(5), **own}).assign(**same, early_stop=100.0))
    planned = {(cell.series, cell.level): 5 for cell in rule.cells}
    return judge(rule, {"before-fashion": pd.concat(parts)}, {"before-fashion": planned}).verdict


DRAWN = "random, layer by layer"


@pytest.mark.parametrize(
    ("worse", "expected"),
    [
        ({7: 0.01, 13: 0.02, 18: 0.03}, REPRODUCED),
        ({7: 0.0, 13: 0.02, 18: 0.03}, PARTLY),
        ({7: 0.0, 13: 0.0, 18: 0.03}, NOT_REPRODUCED),
        ({}, NOT_REPRODUCED),
    ],
)
def test_what_pruning_at_random_costs(worse: dict[int, float], expected: str) -> None:
    assert word("30", {(DRAWN, level): by for level, by in worse.items()}) == expected


def test_wide_intervals_leave_it_undecided() -> None:
    assert word("30", {}, spread=0.01) == word("31", {}, spread=0.01) == UNDECIDED


SHUFFLED = [
    (f"{name}, shuffled", level) for name in ("SNIP", "GraSP", "SynFlow", "magnitude at the start") for level in (7, 18)
]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, REPRODUCED), (1, PARTLY), (3, PARTLY), (4, NOT_REPRODUCED), (8, NOT_REPRODUCED)]
)
def test_whether_densities_suffice(count: int, expected: str) -> None:
    assert word("31", dict.fromkeys(SHUFFLED[:count], 0.02)) == expected


def test_shuffled_masks_that_are_better_are_as_good() -> None:
    assert word("31", dict.fromkeys(SHUFFLED, -0.02)) == REPRODUCED


def test_nothing_is_judged_of_a_study_that_is_not_trained() -> None:
    assert judge(OF_FASHION["30"], {}, {}).verdict == NOT_TESTED
