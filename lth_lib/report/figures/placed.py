"""A frame of a slider is placed by hand: to lay it out takes as long as to draw it, and all frames stand alike."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubplotParams

from lth_lib.report.figures.style import style


def placed_axes() -> Axes:
    """Return new axes with room for labels and a head; what needs more is not cut off, since a picture fits what is."""
    style()
    figure = Figure(figsize=(7.6, 4.8), subplotpars=SubplotParams(left=0.12, right=0.97, bottom=0.13, top=0.82))
    figure.set_layout_engine("none")
    return figure.subplots()
