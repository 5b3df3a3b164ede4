"""Frames in, slider out: pre-drawn pictures that move without a kernel."""

from __future__ import annotations

import base64
import html
import io
import urllib.parse
from collections.abc import Sequence

import ipywidgets
import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

Frame = Figure | bytes
"""One picture: a matplotlib figure, or the bytes of an SVG or PNG file."""

WORDS = 12
"""Labels longer than so many signs are words, which get a place of fixed width beside the track."""

_PNG = b"\x89PNG\r\n\x1a\n"


def slider(
    frames: Sequence[Frame],
    labels: Sequence[object],
    *,
    name: str,
    alt: str | Sequence[str],
    start: int = 0,
    raster: bool = False,
) -> ipywidgets.VBox:
    """Show one of several pictures, chosen by a slider that works in plain HTML and in a live notebook.

    `labels` are read beside the handle, one for each frame; `name` says what they are and names the
    slider for those who do not see it; `alt` describes the pictures, all of them or each, and is read
    after its frame's label. The slider begins at frame `start`. Figures are drawn as SVG, or as PNG where
    `raster` is true (for images of masks), and are closed, since a figure left open would be shown once
    more below its cell.
    """
    texts = [str(label) for label in labels]
    alts = [alt] * len(texts) if isinstance(alt, str) else list(alt)
    _check(frames, texts, name, alts, start)
    described = [f"{name}: {text}. {said}" for text, said in zip(texts, alts, strict=True)]
    pictures = [_picture(frame, said, raster) for frame, said in zip(frames, described, strict=True)]
    handle = ipywidgets.SelectionSlider(
        options=[(text, index) for index, text in enumerate(texts)],
        index=start,
        description=name,
        style={"description_width": "initial"},
        layout={"width": "100%", "max_width": "40rem"},
    )
    stack = ipywidgets.Stack(children=pictures, selected_index=start)
    # Only a link between two attributes runs in the browser; a Python callback would need a kernel.
    ipywidgets.jslink((handle, "index"), (stack, "selected_index"))
    box = ipywidgets.VBox([handle, stack])
    box.add_class("lth-slider")
    if max(map(len, texts)) > WORDS:
        box.add_class("lth-words")
    return box


def encode(frame: Frame, raster: bool = False) -> bytes:
    """Return a frame as an SVG or PNG file, the same bytes for the same picture, and close the figure."""
    if isinstance(frame, bytes):
        return frame
    file = io.BytesIO()
    # Text stays text, which is a tenth of the size of its outlines; ids and dates would differ at each build.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "lth"}):
        if raster:
            frame.savefig(file, format="png", dpi=144, bbox_inches="tight", metadata={"Software": None})
        else:
            frame.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(frame)
    return file.getvalue()


def image(frame: Frame, alt: str, raster: bool = False) -> str:
    """Return a frame as an HTML image that carries its own data and its alternative text."""
    content = encode(frame, raster)
    if content.startswith(_PNG):
        source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    else:
        # Percent-encoding keeps the text compressible, which base64 does not.
        source = f"data:image/svg+xml,{urllib.parse.quote(content, safe=' =:/;,()')}"
    return f'<img class="lth-frame" src="{source}" alt="{html.escape(alt)}">'


def _picture(frame: Frame, alt: str, raster: bool) -> ipywidgets.HTML:
    return ipywidgets.HTML(image(frame, alt, raster))


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
        if not (isinstance(frame, Figure) or svg or (isinstance(frame, bytes) and frame.startswith(_PNG))):
            raise ValueError(
                f"frame {index} of the slider {name!r} is {type(frame).__name__}; "
                "it is a matplotlib figure, or the bytes of an SVG or PNG file."
            )
