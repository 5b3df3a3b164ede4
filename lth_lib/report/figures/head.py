"""What stands above the axes, where it never covers data: the title, a note, and the legend."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

_PLACE = "lth_head"

BESIDE = 6
"""Letters of a phone's sheet that stand left of the axes, where a head begins, or left of a label."""


@dataclasses.dataclass(frozen=True)
class Head:
    """A title, a note, and what the legend shows, in so many columns on a page."""

    title: str
    note: str
    handles: Sequence[Any]
    labels: Sequence[str]
    columns: int | None = None


def head(
    ax: Axes, title: str, note: str, handles: Sequence[Any], labels: Sequence[str], columns: int | None = None
) -> None:
    """Write the title and, above the axes, a legend that begins with `note`, as wide as a page."""
    found = Head(title, note, handles, labels, columns)
    setattr(ax, _PLACE, found)  # a phone's figure is made of the same
    columns = columns or (len(labels) if len(labels) <= 4 else 3)
    _write(ax, found, columns, title_fontsize=10)
    ax.set_title(title or " ", pad=(26 if title else 10) + 17 * math.ceil(len(labels) / columns))


def narrow_head(ax: Axes, size: float, wide: int) -> None:
    """Write the head of axes again in text of `size`, on a sheet that is `wide` letters wide, if they have one."""
    found: Head | None = getattr(ax, _PLACE, None)
    if found is None:
        return
    wide -= BESIDE
    note = textwrap.fill(found.note, wide)
    longest = max(map(len, found.labels), default=0)
    columns = next((n for n in (3, 2) if n <= len(found.labels) and n * (longest + 7) <= wide + BESIDE), 1)
    broken = dataclasses.replace(found, note=note, labels=[textwrap.fill(label, wide) for label in found.labels])
    _write(ax, broken, columns, title_fontsize=size, fontsize=size)
    lines = note.count("\n") + max(map(lambda label: 1 + label.count("\n"), broken.labels), default=0) * math.ceil(
        len(broken.labels) / columns
    )
    pad = (16 if found.title else 6) + 1.45 * size * (lines + 0.4)
    ax.set_title(textwrap.fill(found.title, wide) or " ", pad=pad, fontsize=size + 1)


def _write(ax: Axes, head: Head, columns: int, **sizes: float) -> None:
    """Write the legend above the axes."""
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "borderpad": 0.2}
    close = {"handlelength": 2, "handletextpad": 0.6, "columnspacing": 1.4}
    legend = ax.legend(
        head.handles, head.labels, ncols=columns, title=head.note, alignment="left", **place, **close, **sizes
    )
    legend.set_in_layout(False)  # or a wide legend would narrow the axes; the title's pad leaves the room it needs
