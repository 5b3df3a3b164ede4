"""A figure on which nothing can be drawn says why."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from matplotlib.text import Text

from lth_lib.report import figures

FEW = "1 test evaluations in the last fifth of training; a mean needs 5"

pytestmark = pytest.mark.filterwarnings("error")


def texts(values: list[float], **more: str) -> str:
    """Return every text on the figure of a ticket of two replicates."""
    columns = {"series": "t", "level": 1, "seed": [0, 1], "density": 0.5, "accuracy_at_end": values, "censored": False}
    ax = figures.by_density(pd.DataFrame(columns | more), "accuracy_at_end")
    figure = ax.get_figure(root=True)
    assert figure is not None
    return " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text) if isinstance(text, Text))


def test_why_nothing_is_drawn_stands_on_the_figure() -> None:
    assert FEW in texts([math.nan, math.nan], reason=FEW)
    assert FEW not in texts([0.9, math.nan], reason=FEW)
    assert "0/2" in texts([math.nan, math.nan]), "a table may have no reasons"
