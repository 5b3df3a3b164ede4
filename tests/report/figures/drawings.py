"""What is drawn, and what a drawing says."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import ArrayLike

TICKETS = ((1, 0.001), (7, 0.0), (20, -0.01))


def cell(series: str, level: int, values: ArrayLike, **more: Any) -> pd.DataFrame:
    """Return the rows of one series and level, a replicate for each value."""
    columns = {
        "series": series,
        "level": level,
        "digest": "a",
        "seed": range(np.size(values)),
        "density": 0.8**level,
        "early_stop": np.array(values) * 10_000,
        "censored": False,
        "accuracy_at_early_stop": values,
        "iterations_to_dense": np.array(values) * 1000,
        "diverged": False,
    }
    return pd.DataFrame(columns | more)


def drawn(ax: Axes) -> list[str]:
    """Draw the figure, and return every text on it."""
    saved(ax)
    texts: list[Any] = root(ax).findobj(Text)
    return [text.get_text() for text in texts if text.get_text()]


def root(ax: Axes) -> Figure:
    """Return the figure of the axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def saved(ax: Axes) -> bytes:
    """Return the figure as an SVG file."""
    out = io.BytesIO()
    root(ax).savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
