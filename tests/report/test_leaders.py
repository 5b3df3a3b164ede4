"""Who leads is named only where the lead over the second is shown."""

import numpy as np
import pandas as pd

from lth_lib.report import stats

SEEDS = np.arange(5)
LUCK = np.array([-0.02, -0.01, 0.0, 0.01, 0.02])


def cell(series: str, level: int, mean: float, spread: float) -> pd.DataFrame:
    """Return five replicates that share their masks' luck, and have a little of their own."""
    own = spread * np.roll(LUCK, 2)
    return pd.DataFrame(
        {"series": series, "level": level, "seed": SEEDS, "density": 0.5**level, "y": mean + LUCK + own}
    )


TABLE = pd.concat(
    [
        cell("a", 1, 0.90, 0.01),
        cell("b", 1, 0.91, 0.0),
        cell("c", 1, 0.80, 0.0),
        cell("a", 2, 0.90, 0.9),
        cell("b", 2, 0.89, 0.0),
        cell("c", 2, 0.80, 0.0),
    ]
)


def test_a_lead_is_over_the_second_and_paired() -> None:
    found = stats.leads(TABLE, "y", ["a", "b", "c"])
    assert {level: (name, round(lead.mean, 9)) for level, (name, lead) in found.items()} == {
        1: ("b", 0.01),
        2: ("a", 0.01),
    }
    assert found[1][1].low > 0.009, "what both owe to their masks is no doubt of their difference"
    assert found[2][1].low < 0


def test_only_shown_leaders_are_called_best() -> None:
    assert stats.leaders(TABLE, "y", ["a", "b", "c"]) == {1: "b"}
    page = stats.standings(TABLE, "y", ["a", "b", "c"])
    assert page.columns.tolist() == ["Method", "50 %", "25 %"]
    marked = page.set_index("Method").map(lambda told: told.startswith("best: "))
    assert marked.to_numpy().tolist() == [[False, False], [True, False], [False, False]]
    assert page.iloc[2, 1] == stats.briefly(stats.interval(0.80 + LUCK), stats.PERCENT)


def test_a_lead_is_corrected_for_all_levels() -> None:
    many = pd.concat(
        [cell("b", 1, 0.91, 0.0).assign(y=0.908 + LUCK), cell("a", 1, 0.90, 0.3)]
        + [cell(name, level, 0.9, 0.3) for level in range(2, 12) for name in ("a", "b")]
    )
    alone = many[many["level"] == 1]
    assert stats.leaders(alone, "y", ["a", "b"]) == {1: "b"}
    assert stats.leaders(many, "y", ["a", "b"]) == {}
