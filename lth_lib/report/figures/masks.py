"""What a mask leaves: of the input, what is still seen; of small layers, each weight."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_lib.report.figures.style import INK, new_axes, style
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


def grids(sizes: Mapping[str, np.ndarray], kept: Mapping[str, np.ndarray], *, title: str = "") -> Axes:
    """Draw small layers side by side, [outputs, inputs] each: the size of each weight that is kept, in one scale.

    What is gone is white, with a cross. The axes of the first layer are returned.
    """
    require(sizes.keys() == kept.keys(), f"Given were weights of {[*sizes]} and masks of {[*kept]}; give both of each.")
    style()
    most = max(float(np.abs(size).max()) for size in sizes.values())
    figure = Figure(figsize=(7.6, 3.6), layout="constrained")
    every = figure.subplots(1, len(sizes), squeeze=False, width_ratios=[size.shape[1] for size in sizes.values()])[0]
    for ax, (name, size) in zip(every, sizes.items(), strict=True):
        shown = np.where(kept[name], np.abs(size), np.nan)
        image = ax.imshow(shown, vmin=0, vmax=most, cmap="cividis_r", interpolation="nearest")
        gone = np.argwhere(~kept[name])
        ax.plot(gone[:, 1], gone[:, 0], linestyle="", marker="x", markersize=3.5, color="#bbbbbb")
        ax.set_title(f"{name}: {int(kept[name].sum())} of {kept[name].size}")
        ax.set(xlabel="Input", ylabel="Output", xticks=range(0, size.shape[1], 4), yticks=range(0, size.shape[0], 4))
        ax.grid(visible=False)
    figure.colorbar(image, ax=every, label="Size of the weight", shrink=0.9)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
    first: Axes = every[0]
    return first
