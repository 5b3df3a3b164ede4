"""What a chapter puts on the page: figures with captions, and tables."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_lib.report import explored_curves, explorer, figures, pictures, stats, widgets
from lth_lib.report.stats import Table, known_readings
from lth_lib.report.stats.rows import ResultLike


class Schedule(Protocol):
    """What is said of a recipe."""

    @property
    def steps(self) -> int: ...
    @property
    def batch(self) -> int: ...
    @property
    def precision(self) -> str: ...


class Trained(Protocol):
    """What is said of a setting."""

    @property
    def data(self) -> object: ...
    @property
    def recipe(self) -> Schedule: ...


def percent(share: float) -> str:
    """Return a fraction in percent, to three digits."""
    return f"{share * 100:.3g} %"


def figure(ax: Axes, *, number: str, caption: str, alt: str) -> None:
    """Show a figure with its number, its caption and a text for those who do not see it."""
    picture = pictures.wide(_drawn(ax, alt), f"Figure {number}")
    told = _told(figures.numbers(ax), number, caption)
    display(HTML(f'<figure class="lth-figure">{picture}{told}</figure>'))


def frames(
    drawn: Sequence[Axes],
    labels: Sequence[object],
    *,
    name: str,
    number: str,
    caption: str,
    alt: str | Sequence[str],
    start: int = 0,
) -> None:
    """Show one of several figures, chosen by a slider, with one number and caption."""
    every = [pictures.encode(_figure(ax)) for ax in drawn]
    narrow = [figures.on_phone(ax) for ax in drawn]
    told = _told(figures.numbers_by(dict(zip(map(str, labels), drawn, strict=True)), name), number, caption)
    own = f"Figure {number}"
    shown = widgets.shown(every, labels, name=name, alt=alt, caption=told, start=start, narrow=narrow, figure=own)
    display(shown, raw=True)


def by_pixel(
    counts: Mapping[str, np.ndarray],
    seen: np.ndarray,
    *,
    titles: Sequence[str],
    name: str,
    number: str,
    caption: str,
    start: int = 0,
) -> None:
    """Show masks by the connections that pixels keep over those expected, one of `counts` at a time, on one scale.

    `seen` is the mean image [rows, columns], drawn beside each.
    """
    scale = (
        " Kept over expected: how many connections a pixel keeps, over how many it would keep if this layer's mask "
        f"were random. All pictures have one scale, from {1 / figures.RATIO:g} to {figures.RATIO:g} times; what lies "
        "beyond an end has its colour."
    )
    frames(
        [figures.mask_image(each, seen, title=title) for each, title in zip(counts.values(), titles, strict=True)],
        list(counts),
        name=name,
        number=number,
        caption=caption + scale,
        alt=[figures.alt_mask(each) for each in counts.values()],
        start=start,
    )


def by_reading(table: Table, *, number: str, caption: str) -> None:
    """Show test accuracy against density in all its readings, and early stops, to explore; the first leads on paper."""
    explore({"": table}, [*known_readings(table), "early_stop"], number=number, caption=caption)


def explore(
    tables: Mapping[str, Table],
    metrics: Sequence[str],
    *,
    number: str,
    caption: str,
    sets: str = "Data",
    offer: explorer.Offer | None = None,
    across: Mapping[str, Any] = explorer.NETWORK,
) -> None:
    """Show columns of one table, or of several by name, against density: to explore on a page, drawn on paper.

    `sets` says what the names are; on `offer` are series that a reader adds and takes away; `across` is the horizontal
    axis.
    """
    title, first = next(iter(tables.items()))
    first = first if offer is None else explorer.begins(first, offer)
    drawn = figures.by_density(first, metrics[0], title=f"{sets}: {title}" if len(tables) > 1 else "")
    drawn.set_xlabel(f"{across['label']} (%, log scale)")
    still = _drawn(drawn, figures.alt(first, metrics[0]))
    name = f"Figure {number}. {caption}"
    inside = explorer.html(tables, metrics, still, name=name, sets=sets, offer=offer, across=across)
    display(HTML(f'<figure class="lth-figure">{inside}{_caption(number, caption)}</figure>'))


def explore_curves(
    curves: Mapping[str, Table],
    metric: str,
    *,
    number: str,
    caption: str,
    sets: str,
    after: int,
    stops: Mapping[str, Table] | None = None,
    begin: explored_curves.Begin | None = None,
) -> None:
    """Show `stats.curves` by name to explore on a page; those that a reader sees first are drawn on paper.

    `sets` says what the names are; `stops`, tidy tables of the same runs, mark early stops. The vertical axis may, or
    does if they `begin` so, start where all curves are after `after` iterations.
    """
    seen = begin or explored_curves.Begin(next(iter(curves)))
    first, marked = curves[seen.name], None if stops is None else stops[seen.name]
    ends = figures.limits(list(curves.values()), after)
    title, ylim = f"{sets}: {seen.name}", ends if seen.close else None
    drawn = figures.learning_curves(first, metric, stops=marked, ylim=ylim, log=not seen.close, title=title)
    alt = figures.alt_curves(first, metric, low=ends[0] if seen.close else None, log=not seen.close)
    name = f"Figure {number}. {caption}"
    inside = explored_curves.html(
        curves, metric, _drawn(drawn, alt), name=name, sets=sets, above=ends[0], stops=stops, begin=seen
    )
    display(HTML(f'<figure class="lth-figure">{inside}{_caption(number, caption)}</figure>'))


def explore_levels(
    levels: Mapping[int, Mapping[str, Sequence[ResultLike]]],
    table: Table,
    *,
    number: str,
    caption: str,
    after: int,
    start: int,
    fine: int | None = None,
    stops: bool = True,
) -> None:
    """Show test accuracy of some series while they train, at one level at a time, from `start` on, to explore.

    Each level names its density by `table`, the tidy table of all of them, from which `stops` take the early stops.
    After `fine` iterations only every fifth evaluation is shown.
    """
    curves, own, begin = {}, {}, ""
    for level, groups in levels.items():
        rows = table[table["series"].isin(groups) & table["level"].isin([0, level])]
        name = percent(rows[rows["level"] == level]["density"].mean())
        whole = stats.curves(groups, "test_accuracy")
        curves[name], own[name] = whole if fine is None else stats.thinned(whole, fine), rows
        begin = name if level == start else begin
    explore_curves(
        curves,
        "test_accuracy",
        number=number,
        caption=caption,
        sets="Weights remaining",
        after=after,
        stops=own if stops else None,
        begin=explored_curves.Begin(begin, close=True),
    )


def tabled(table: Table) -> None:
    """Show a table whose cells are words."""
    display(HTML(table.to_html(index=False, border=0, na_rep="–")))


def where(setting: Trained) -> str:
    """Return on what data and schedule a setting trains, in words."""
    data, recipe = setting.data, setting.recipe
    variant = getattr(data, "variant", "exact")
    seen = getattr(data, "pixels", "normalised")
    told = [*([] if variant == "exact" else [variant]), *([] if seen == "normalised" else ["pixels between 0 and 1"])]
    name = type(data).__name__ + (f" ({', '.join(told)})" if told else "")
    precision = "" if recipe.precision == "float32" else f", {recipe.precision}"
    return f"{name}, {recipe.steps:,} iterations, batch {recipe.batch}{precision}"


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes are always drawn in a figure"
    return figure


def _drawn(ax: Axes, alt: str) -> str:
    """Return a figure as an image that is drawn twice, for a page and for a phone."""
    page = pictures.encode(_figure(ax))
    return pictures.image(page, alt, narrow=figures.on_phone(ax))


def _told(numbers: pd.DataFrame | None, number: str, caption: str) -> str:
    """Return what stands under a figure: its numbers, which a picture has none of, and its caption."""
    if numbers is None:
        return _caption(number, caption, ' class="lth-picture"')
    return pictures.folded(numbers, f"Figure {number}") + _caption(number, caption)


def _caption(number: str, caption: str, kind: str = "") -> str:
    return f"<figcaption{kind}><strong>Figure {number}.</strong> {html.escape(caption)}</figcaption>"
