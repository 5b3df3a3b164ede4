"""What is trained: a picture, and the network that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.style import INK, style
from lth_lib.spec import require

SHOWN = 9
"""Of a layer of more units, so many are drawn."""


def network(picture: np.ndarray, names: Sequence[str], sizes: Sequence[int]) -> Axes:
    """Draw a picture [height, width], and beside it a network whose layers have names and sizes.

    Units are discs, weights lines between them. Of a wide layer a few units are drawn. The axes of the picture are
    returned.
    """
    require(len(names) == len(sizes) > 1, f"There are {len(names)} names for {len(sizes)} layers; give one for each.")
    style()
    figure = Figure(figsize=(7.6, 3.2), layout="constrained")
    read, drawn = figure.subplots(1, 2, width_ratios=(1, 2.4))
    read.imshow(picture, cmap="Greys", interpolation="nearest")
    read.set_title(f"{picture.shape[0]} by {picture.shape[1]} pixels", fontsize=11, loc="center", pad=6)
    for ax in (read, drawn):
        ax.set(xticks=[], yticks=[])
        ax.grid(visible=False)
    for side in drawn.spines.values():
        side.set_visible(False)
    places = [_heights(size) for size in sizes]
    for number, (left, right) in enumerate(pairwise(places)):
        lines = [((number, one), (number + 1, other)) for one in left for other in right]
        drawn.add_collection(LineCollection(lines, colors="#999999", linewidths=0.4, zorder=1))
    for number, (name, size, heights) in enumerate(zip(names, sizes, places, strict=True)):
        drawn.scatter([number] * len(heights), heights, s=60, color="#0072b2", zorder=2)
        drawn.text(number, -1.25, f"{size:,}\n{name}", ha="center", va="top", fontsize=11, color=INK)
    drawn.set(xlim=(-0.6, len(sizes) - 0.4), ylim=(-1.9, 1.15))
    note(read, None)
    return read


def alt_network(names: Sequence[str], sizes: Sequence[int]) -> str:
    """Return what `network` draws in words."""
    layers = ", then ".join(f"{size:,} {name}" for name, size in zip(names, sizes, strict=True))
    connected = "each unit of a layer is connected with each of the next"
    return f"A picture, and the layers of a network that reads it, where {connected}: {layers}."


def _heights(size: int) -> np.ndarray:
    """Return where the units of a layer stand, those that are drawn."""
    return np.linspace(1, -1, min(size, SHOWN))
