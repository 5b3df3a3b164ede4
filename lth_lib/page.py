"""What a chapter puts on the page: sentences with measured numbers, and figures with captions."""

from __future__ import annotations

import html
from collections.abc import Sequence

from IPython.display import HTML, Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_lib import widgets


def say(text: str) -> None:
    """Show Markdown whose numbers were just measured."""
    display(Markdown(" ".join(text.split())))


def percent(share: float) -> str:
    """Return a fraction in percent, to three digits."""
    return f"{share * 100:.3g} %"


def figure(ax: Axes, *, number: str, caption: str, alt: str, raster: bool = False) -> None:
    """Show a figure with its number, its caption and a text for those who do not see it."""
    picture = widgets.image(_figure(ax), alt, raster)
    display(HTML(f'<figure class="lth-figure">{picture}{_caption(number, caption)}</figure>'))


def frames(
    drawn: Sequence[Axes],
    labels: Sequence[object],
    *,
    name: str,
    number: str,
    caption: str,
    alt: str | Sequence[str],
    start: int = 0,
    raster: bool = False,
) -> None:
    """Show one of several figures, chosen by a slider, with one number and caption."""
    display(widgets.slider([_figure(ax) for ax in drawn], labels, name=name, alt=alt, start=start, raster=raster))
    display(HTML(f'<figure class="lth-figure">{_caption(number, caption)}</figure>'))


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes are always drawn in a figure"
    return figure


def _caption(number: str, caption: str) -> str:
    return f"<figcaption><strong>Figure {number}.</strong> {html.escape(caption)}</figcaption>"
