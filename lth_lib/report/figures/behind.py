"""What stands behind a figure: the numbers that it draws, as a table, unless it is a picture."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from lth_lib.spec import require

_PLACE = "lth_numbers"


def note(ax: Axes, numbers: pd.DataFrame | None) -> None:
    """Keep with axes what they draw, in words; none says that they hold a picture, which no table tells better."""
    setattr(ax, _PLACE, numbers)


def numbers(ax: Axes) -> pd.DataFrame | None:
    """Return what was noted of axes."""
    require(hasattr(ax, _PLACE), "A figure keeps the numbers that it draws; give figures.note(ax, table or None).")
    found: pd.DataFrame | None = getattr(ax, _PLACE)
    return found


def numbers_by(frames: Mapping[str, Axes], name: str) -> pd.DataFrame | None:
    """Return the numbers of all frames of a slider, whose labels are a column called `name`; none of pictures."""
    found = {label: own for label, ax in frames.items() if (own := numbers(ax)) is not None}
    require(len(found) in (0, len(frames)), f"Of the frames of {name!r} some are pictures and some have numbers.")
    if not found:
        return None
    whole = pd.concat([own.assign(**{name: label}) for label, own in found.items()], ignore_index=True)
    return whole[[name, *(column for column in whole.columns if column != name)]]
