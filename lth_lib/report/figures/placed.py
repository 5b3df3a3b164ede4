"""A frame of a slider is placed by hand: to lay it out takes as long as to draw it, and all frames stand alike."""

from __future__ import annotations

from matplotlib.axes import Axes

from lth_lib.report.figures.style import new_axes


def placed_axes() -> Axes:
    """Return new axes with room for labels and a head; what needs more is not cut off, since a picture fits what is."""
    ax = new_axes()
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes are always drawn in a figure"
    figure.set_layout_engine("none")
    ax.set_position((0.12, 0.13, 0.85, 0.69))
    return ax
