"""Names among the marks of a figure: where there is no room for them they are numbers, and stand below it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

SHORT = 9
"""So many letters have room among the marks of any figure."""

LINE = 1.25
"""Of the size of text, how high a line is."""


def number_names(figure: Figure, size: float, wide: int) -> None:
    """Write numbers for the names in a figure, and the names below its axes, on a sheet `wide` letters wide."""
    found = [(ax, [*_names(ax)]) for ax in figure.axes]
    if not any(names for _, names in found):
        return
    told: list[str] = []
    for _, names in found:
        for name in names:
            told.append(f"{len(told) + 1}  {name.get_text()}")
            _shorten(name, str(len(told)))
    _below(figure, "\n".join(textwrap.fill(one, wide, subsequent_indent="    ") for one in told), size)


def _names(ax: Axes) -> Iterator[Annotation]:
    """Yield the names that have no room, and with them all others that an arrow leads from."""
    told = [text for text in ax.texts if isinstance(text, Annotation) and text.get_text()]
    some = any(len(text.get_text()) > SHORT for text in told)
    for text in told:
        if len(text.get_text()) > SHORT or (some and text.arrow_patch is not None):
            yield text


def _shorten(name: Annotation, number: str) -> None:
    """Write a number for a name: where the name stood, or at what it names if no arrow leads there."""
    name.set_text(number)
    if name.arrow_patch is None:
        name.set_position(name.xy)
        name.set_horizontalalignment("center")


def _below(figure: Figure, told: str, size: float) -> None:
    """Make a figure higher, and write below its last axes, label included, what there is room for then."""
    ax = figure.axes[-1]
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + size * LINE * (told.count("\n") + 2) / 72)
    ax.annotate(
        told,
        (0.02, 0),
        xycoords=(figure.transFigure, ax.xaxis.label),
        xytext=(0, -size),
        textcoords="offset points",
        va="top",
        fontsize=size,
        linespacing=LINE,
    )
