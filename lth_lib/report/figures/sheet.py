"""One drawing on two sheets: as wide as a page's column, then as narrow as a phone."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import AutoLocator, MaxNLocator

from lth_lib.report.figures.behind import numbers
from lth_lib.report.figures.head import narrow_head
from lth_lib.report.figures.numbered import number_names

WIDTH = 3.7
"""Inches of a phone's sheet, 96 px each."""
LEAST = 9.0  # points, 12 px: on a phone that is somewhat narrower still, 11
SHRUNK = 0.8  # of the size of a page's text
WIDE, HIGH, NAMES = 46, 34, 18
"""Letters that fit along the sheet, along the vertical axis, and before it."""


def on_phone(ax: Axes) -> Figure:
    """Make the figure of axes as narrow as a phone: smaller text, broken labels, numbers for names.

    It is the same figure, drawn again: what was kept of it at its first size must have been kept as a file.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes are always drawn in a figure"
    named = [_name_rows(one) for one in figure.axes]
    height = float(figure.get_size_inches()[1])
    figure.set_size_inches(WIDTH, _height(height, picture=numbers(ax) is None, rows=any(named)))
    if not figure.get_constrained_layout() and numbers(ax) is not None:
        ax.set_position((0.17, 0.16, 0.78, 0.62))  # one that was placed by hand
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    for text in texts:
        text.set_fontsize(_size(text.get_fontsize()))
    for one in figure.axes:
        one.tick_params(labelsize=LEAST)
        if isinstance(one.xaxis.get_major_locator(), AutoLocator):
            one.xaxis.set_major_locator(MaxNLocator(4))
        one.set_xlabel(textwrap.fill(one.get_xlabel(), HIGH))
        one.set_ylabel(textwrap.fill(one.get_ylabel(), HIGH))
        narrow_head(one, LEAST, WIDE)
    number_names(figure, LEAST, WIDE)
    return figure


def _size(points: float | str) -> float:
    return max(LEAST, SHRUNK * float(points))


def _height(height: float, *, picture: bool, rows: bool) -> float:
    """Return how high a figure is on a phone: rows with names stay as high, since names are broken."""
    if picture:
        return 0.7 + 0.5 * height
    return height if rows else 0.72 * height


def _name_rows(ax: Axes) -> bool:
    """Break the names of rows, and return whether there are any."""
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    if max(map(len, names), default=0) <= NAMES / 2:
        return False
    ax.set_yticks(ax.get_yticks(), [textwrap.fill(name, NAMES) for name in names])
    return True
