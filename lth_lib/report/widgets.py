"""Frames in, slider out: pre-drawn pictures that move without a kernel, on a page and in a live notebook."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

import ipywidgets
from matplotlib.figure import Figure

from lth_lib.report.pictures import PNG, Frame, encode, image, wide


def shown(
    frames: Sequence[Frame],
    labels: Sequence[object],
    *,
    name: str,
    alt: str | Sequence[str],
    caption: str,
    start: int = 0,
    narrow: Sequence[Frame] | None = None,
    figure: str = "",
) -> dict[str, Any]:
    """Return one of several pictures, chosen by a slider, as both that `display` knows: a page's HTML, and a widget.

    `labels` are read beside the slider, one for each frame; `name` says what they are; `alt` describes the pictures,
    all of them or each, and is read after its frame's label. The slider begins at frame `start`. `caption` is HTML.
    A phone shows those that are `narrow`. `figure` tells this one from others whose slider has the same name.
    Figures are closed, since one left open would be shown once more below its cell.
    """
    texts = [str(label) for label in labels]
    alts = [alt] * len(texts) if isinstance(alt, str) else list(alt)
    _check(frames, texts, name, alts, start)
    described = [f"{name}: {text}. {said}" for text, said in zip(texts, alts, strict=True)]
    files = [encode(frame) for frame in frames]
    live: dict[str, Any] = slider(files, texts, described, name, start, caption)._repr_mimebundle_()
    inside = _page(files, files if narrow is None else narrow, texts, described, name, start, figure)
    return {**live, "text/html": f'<figure class="lth-figure">{inside}{caption}</figure>'}


def slider(
    files: Sequence[bytes], texts: Sequence[str], alts: Sequence[str], name: str, start: int, caption: str
) -> ipywidgets.VBox:
    """Return the slider of a live notebook."""
    handle = ipywidgets.SelectionSlider(
        options=[(text, index) for index, text in enumerate(texts)],
        index=start,
        description=name,
        style={"description_width": "initial"},
        layout={"width": "100%", "max_width": "40rem"},
    )
    pictures = [ipywidgets.HTML(image(file, alt)) for file, alt in zip(files, alts, strict=True)]
    stack = ipywidgets.Stack(children=pictures, selected_index=start)
    # A link between two attributes runs in the browser; a Python callback would keep the kernel busy.
    ipywidgets.jslink((handle, "index"), (stack, "selected_index"))
    return ipywidgets.VBox([handle, stack, ipywidgets.HTML(caption)])


def _page(
    files: Sequence[bytes],
    narrow: Sequence[Frame],
    texts: Sequence[str],
    alts: Sequence[str],
    name: str,
    start: int,
    figure: str,
) -> str:
    """Return the slider of a page, which `frames.js` moves; where no script runs, frame `start` is shown alone."""
    pictures = "".join(
        image(file, alt, hidden=index != start, narrow=None if narrow is files else other)
        for index, (file, other, alt) in enumerate(zip(files, narrow, alts, strict=True))
    )
    at = html.escape(texts[start])
    return (
        f'<div class="lth-frames" data-labels="{html.escape(json.dumps(texts, ensure_ascii=False))}">'
        f'<div class="lth-turn" hidden><label><span>{html.escape(name)}</span><input type="range" min="0" '
        f'max="{len(files) - 1}" value="{start}" step="1" aria-valuetext="{at}"></label>'
        f'<strong aria-hidden="true">{at}</strong><span class="lth-aloud" aria-live="polite"></span></div>'
        f"{wide(pictures, f'{figure}. {name}' if figure else name)}</div>"
    )


def _check(frames: Sequence[Frame], texts: list[str], name: str, alts: list[str], start: int) -> None:
    if len(frames) == 0:
        raise ValueError(f"the slider {name!r} has no frames; give it at least one figure.")
    if not len(frames) == len(texts) == len(alts):
        raise ValueError(
            f"the slider {name!r} has {len(frames)} frames, {len(texts)} labels and {len(alts)} alternative texts; "
            "give one for each frame."
        )
    if not (name.strip() and all(alt.strip() for alt in alts)):
        raise ValueError("a slider needs a name and an alternative text; say what it moves and what its pictures show.")
    if not 0 <= start < len(frames):
        raise ValueError(
            f"start was {start}; the slider {name!r} has frames 0 to {len(frames) - 1}, so choose one of them."
        )
    for index, frame in enumerate(frames):
        svg = isinstance(frame, bytes) and b"<svg" in frame[:2000]
        if not (isinstance(frame, Figure) or svg or (isinstance(frame, bytes) and frame.startswith(PNG))):
            raise ValueError(
                f"frame {index} of the slider {name!r} is {type(frame).__name__}; "
                "it is a matplotlib figure, or the bytes of an SVG or PNG file."
            )
