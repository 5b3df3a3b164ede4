"""Tables as figures draw them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawings import TICKETS, cell


@pytest.fixture
def table() -> pd.DataFrame:
    """A small study: dense, three levels of tickets, one control."""
    parts = [cell("dense", 0, [0.97, 0.98, 0.99])]
    parts += [cell("winning ticket", level, np.array([0.98, 0.985, 0.99]) + up) for level, up in TICKETS]
    return pd.concat([*parts, cell("re-initialised", 7, [0.95, 0.96, 0.97], censored=[True, False, False])])


@pytest.fixture
def curve() -> pd.DataFrame:
    """Learning curves of two series."""
    steps = np.arange(0, 1000, 100)
    rows = [
        {"series": name, "seed": seed, "iteration": step, "value": 0.9 + seed / 100 + step / 20_000}
        for name in ("dense", "winning ticket")
        for seed in range(3)
        for step in steps
    ]
    return pd.DataFrame(rows)
