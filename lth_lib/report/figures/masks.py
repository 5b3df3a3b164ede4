"""What a mask leaves: of the input, what is still seen; of small layers, each weight."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.style import INK, style
from lth_lib.spec import require

RATIO = 4.0
"""The scale of kept over expected ends at this and at one by this; it is the same in every figure."""


def over_expected(counts: np.ndarray) -> np.ndarray:
    """Return how many connections each place keeps, over what random masks of as many would keep there on average."""
    require(counts.ndim == 2, f"counts has shape {counts.shape}; give one number for each pixel, [rows, columns].")
    require(bool(counts.sum() > 0), "No connection is kept, so none is expected of a random mask; there is no ratio.")
    return np.asarray(counts / counts.mean())


def mask_image(counts: np.ndarray, seen: np.ndarray, *, title: str = "") -> Axes:
    """Draw what pixels keep over what is expected of them, from `counts` [rows, columns], beside the mean image `seen`.

    The axes of the mask are returned.
    """
    style()
    ratio = over_expected(counts)
    # Placed by hand: to lay out each frame of a slider takes as long as to draw it.
    figure = Figure(figsize=(7.6, 4.2))
    figure.set_layout_engine("none")
    beside, ax = (figure.add_axes((left, 0.29, 0.4, 0.62)) for left in (0.06, 0.54))
    beside.imshow(seen, cmap="gray", vmin=0, interpolation="nearest")
    beside.set_title("Mean image")
    shown = np.log2(np.maximum(ratio, 1e-9))  # twice as many and half as many are equally far from what is expected
    end = np.log2(RATIO)
    # Orange and purple, with white between, are told apart by the colour-blind.
    image = ax.imshow(shown, vmin=-end, vmax=end, cmap="PuOr", interpolation="nearest")
    ax.set_title(title)
    for one in (beside, ax):
        one.grid(visible=False)
        one.set(xlabel="Pixel column", ylabel="Pixel row" if one is beside else "")
        one.set(xticks=range(0, counts.shape[1], 7), yticks=range(0, counts.shape[0], 7))
    label = "Kept over expected (times, log scale)"
    at = figure.add_axes((0.06, 0.13, 0.88, 0.03))
    bar = figure.colorbar(image, cax=at, label=label, extend="both", orientation="horizontal")
    ticks = {power: f"{2.0**power:g}" for power in range(-int(end), int(end) + 1)}
    bar.set_ticks(list(ticks), labels=list(ticks.values()))
    note(ax, None)
    return ax


def alt_mask(counts: np.ndarray) -> str:
    """Return what `mask_image` draws in words: what a border two pixels wide keeps, and the half in the middle."""
    ratio = over_expected(counts)
    edge = np.ones_like(ratio, dtype=bool)
    edge[2:-2, 2:-2] = False
    rows, columns = (size // 4 for size in ratio.shape)
    middle = ratio[rows:-rows, columns:-columns].mean()
    return (
        f"Two maps of {' by '.join(map(str, ratio.shape))} pixels: the mean image, and connections kept over those "
        f"expected of a random mask, between {ratio.min():.2g} and {ratio.max():.2g} times; {ratio[edge].mean():.2g} "
        f"times on the border, two pixels wide, and {middle:.2g} times in the middle."
    )


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
    note(first, None)
    return first
