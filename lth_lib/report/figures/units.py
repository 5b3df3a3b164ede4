"""What single units see: their weights as pictures, before training and after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.style import INK, style
from lth_lib.spec import require


def gallery(rows: Mapping[str, np.ndarray], names: Sequence[str], *, columns: int = 4, title: str = "") -> Axes:
    """Draw pictures [units, height, width] of signed weights, a row for each moment, `columns` units beside each other.

    Each moment has a scale of its own, the same on both sides of zero; what is pruned is zero, and white. The axes of
    the first picture are returned.
    """
    sizes = {len(pictures) for pictures in rows.values()}
    require(
        sizes == {len(names)}, f"There are {len(names)} names for rows of {sorted(sizes)} units; give one for each."
    )
    style()
    lines = math.ceil(len(names) / columns) * len(rows)
    figure = Figure(figsize=(7.6, 1.6 * lines + 0.8), layout="constrained")
    every = figure.subplots(lines, columns, squeeze=False)
    for line, axes in enumerate(every):
        moment = [*rows][line % len(rows)]
        shown = slice(line // len(rows) * columns, (line // len(rows) + 1) * columns)
        _row(axes, rows[moment][shown], float(np.abs(rows[moment]).max()), moment)
        if line % len(rows) == 0:
            for ax, name in zip(axes, names[shown], strict=False):
                ax.set_title(name, fontsize=11, loc="center", pad=4)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
    first: Axes = every[0][0]
    note(first, None)
    return first


def _row(axes: np.ndarray, pictures: np.ndarray, most: float, moment: str) -> None:
    """Draw some units at one moment, and how the colours are read."""
    for ax in axes:
        ax.set(xticks=[], yticks=[])
        ax.grid(visible=False)
    for ax in axes[len(pictures) :]:
        ax.set_visible(False)
    for ax, picture in zip(axes, pictures, strict=False):
        # Orange and purple, with white between, are told apart by the colour-blind.
        image = ax.imshow(picture, vmin=-most, vmax=most, cmap="PuOr", interpolation="nearest")
    axes[0].set_ylabel(moment)
    axes[0].get_figure(root=True).colorbar(image, ax=list(axes), label="Weight", shrink=0.9, pad=0.01)


def alt_gallery(rows: Mapping[str, np.ndarray], names: Sequence[str]) -> str:
    """Return what `gallery` draws in words: each unit's weights of each sign, by moment, and the largest."""
    parts = [f"Pictures of the weights of {len(names)} units, positive purple, negative orange."]
    for moment, pictures in rows.items():
        told = [
            f"{name}: {(own > 0).sum()} positive and {(own < 0).sum()} negative, to {np.abs(own).max():.2f}"
            for name, own in zip((name.replace("\n", ", ") for name in names), pictures, strict=True)
        ]
        parts.append(f"{moment}: {'; '.join(told)}.")
    return " ".join(parts)
