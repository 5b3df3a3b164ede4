"""What of the input a mask still sees."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from lth_lib.report.figures.style import new_axes
from lth_lib.spec import require


def mask_image(
    counts: np.ndarray, *, most: float | None = None, ax: Axes | None = None, title: str = "", of: int | None = None
) -> Axes:
    """Draw how many connections each input pixel keeps, from `counts` [rows, columns].

    `most` ends the colour scale (the largest count otherwise), `of` is how many a pixel had.
    """
    require(counts.ndim == 2, f"counts has shape {counts.shape}; give one number for each pixel, [rows, columns].")
    ax = new_axes(5.6, 4.6) if ax is None else ax
    image = ax.imshow(
        counts, vmin=0, vmax=most or max(float(counts.max()), 1.0), cmap="viridis", interpolation="nearest"
    )
    ax.grid(visible=False)
    ax.set_xlabel("Pixel column")
    ax.set_ylabel("Pixel row")
    ax.set_xticks(range(0, counts.shape[1], 7))
    ax.set_yticks(range(0, counts.shape[0], 7))
    ax.set_title(title)
    figure = ax.get_figure(root=True)
    assert figure is not None
    label = "Connections kept per pixel" + (f" (of {of})" if of else "")
    figure.colorbar(image, ax=ax, label=label, shrink=0.92)
    return ax
