"""A figure in, a picture out: the same bytes for the same figure, light or dark as the page is, and never too small."""

from __future__ import annotations

import base64
import html
import io
import math
import re
import urllib.parse

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

Frame = Figure | bytes
"""One picture: a matplotlib figure, or the bytes of an SVG or PNG file."""

PNG = b"\x89PNG\r\n\x1a\n"
NIGHT, CHALK = 0x12, 0xF0
"""What white paper and black ink become on a dark page, from 0 to 255: its ground, and nearly white."""
PALER = 0.1
"""How far colours go towards white on a dark page: further, the colour-blind would tell them apart no longer."""
PHONE = "screen and (max-width: 700px)"
"""Where pictures are drawn as on a phone: narrower, those of a page would be too small to read."""
SMALLEST = 11
"""Pixels of the smallest text, however narrow the screen."""


def encode(frame: Frame) -> bytes:
    """Return a frame as an SVG file, or the file that it is: the same bytes for the same figure, which is closed."""
    if isinstance(frame, bytes):
        return frame
    for ax in frame.axes:
        for picture in ax.images:
            picture.set_interpolation("none")  # then a pixel of data is a pixel of the file, sharp at any size
        for mesh in ax.collections:
            # The colours of a scale are one image, not hundreds of paths.
            mesh.set_rasterized(isinstance(mesh, QuadMesh))
    file = io.BytesIO()
    # Text stays text, which is a tenth of the size of its outlines; ids and dates would differ at each build.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "lth"}):
        frame.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(frame)
    return file.getvalue()


def image(frame: Frame, alt: str, hidden: bool = False, narrow: Frame | None = None) -> str:
    """Return a frame as an HTML image that carries its own data and its alternative text.

    One that is `hidden` is not made ready before it is shown. In place of it, a phone shows what is `narrow`.
    """
    source, size, least = _carried(encode(frame))
    later = ' loading="lazy" hidden' if hidden else ""
    if narrow is None:
        return f'<img class="lth-frame" src="{source}" alt="{html.escape(alt)}"{size}{_least(wide=least)}{later}>'
    other, its_size, its_least = _carried(encode(narrow))
    least_both = _least(wide=least, narrow=its_least)
    return (
        # An address in a set of them has no spaces.
        f'<picture><source media="{PHONE}" srcset="{other.replace(" ", "%20")}"{its_size}>'
        f'<img class="lth-frame" src="{source}" alt="{html.escape(alt)}"{size}{least_both}{later}></picture>'
    )


def _carried(content: bytes) -> tuple[str, str, int]:
    """Return a file as an address that is itself the file, its size as attributes, and how narrow it may be."""
    if content.startswith(PNG):
        return f"data:image/png;base64,{base64.b64encode(content).decode()}", "", 0
    svg = shaded(content.decode())
    # Percent-encoding keeps the text compressible, which base64 does not.
    return f"data:image/svg+xml,{urllib.parse.quote(svg, safe=' =:/;,()')}", *_room(svg)


def _least(**pixels: int) -> str:
    """Return how narrow a picture may be on a page and on a phone, as the book's style reads it."""
    said = "; ".join(f"--{name}: {least}px" for name, least in pixels.items() if least)
    return f' style="{said}"' if said else ""


def wide(images: str, name: str) -> str:
    """Return images as HTML, in a place in which they can be scrolled where it is narrower than they may be."""
    return f'<div class="lth-wide" role="group" aria-label="{html.escape(name)}">{images}</div>'


def folded(numbers: pd.DataFrame, name: str) -> str:
    """Return the numbers of the figure `name` as HTML: a table, folded away, which scrolls by itself."""
    label = html.escape(f"The numbers of: {name}")
    inner = numbers.to_html(index=False, border=0, na_rep="–")
    return (
        '<details class="lth-numbers"><summary>The numbers of this figure</summary>'
        f'<div class="lth-scroll" role="region" tabindex="0" aria-label="{label}">{inner}</div></details>'
    )


def shaded(svg: str) -> str:
    """Return an SVG file of Matplotlib's without what nobody sees, its colours variables that a dark page changes.

    An image asks for the colour scheme of the page that holds it.
    """
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r">\s+<", "><", svg.strip())
    svg = re.sub(r' d="([^"]*)"', lambda path: f' d="{_rounded(path[1])}"', svg)
    used = dict.fromkeys(re.findall(r"(?:fill|stroke): #([0-9a-f]{6})", svg))
    svg = re.sub(r"(fill|stroke): #([0-9a-f]{6})", r"\1: var(--c\2)", svg)
    light = "".join(f"--c{colour}:#{colour};" for colour in used)
    night = "".join(f"--c{colour}:#{dark(colour)};" for colour in used)
    ink = f"svg{{fill:#{dark('000000')};{night}}}"
    style = f"<style>svg{{{light}}}@media (prefers-color-scheme:dark){{{ink}}}</style>"
    return re.sub(r"(<svg[^>]*>)", lambda head: head[1] + style, svg, count=1)


def dark(colour: str) -> str:
    """Return what a colour, six digits, is on a dark page: greys are turned, others a little paler."""
    parts = [int(colour[at : at + 2], 16) for at in (0, 2, 4)]
    if max(parts) - min(parts) < 16:
        parts = [NIGHT + (255 - part) * (CHALK - NIGHT) // 255 for part in parts]
    else:
        parts = [round(part + PALER * (255 - part)) for part in parts]
    return "".join(f"{part:02x}" for part in parts)


def _room(svg: str) -> tuple[str, int]:
    """Return an SVG file's size as attributes of its image, and how narrow that may be for its smallest text."""
    size = re.search(r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    letters = [float(pixels) for pixels in re.findall(r"font(?:-size)?: [^;\"]*?([\d.]+)px", svg)]
    if not (size and letters):
        return "", 0
    width, height = (float(points) for points in size.groups())
    least = math.ceil(SMALLEST * width / min(letters))
    return f' width="{width * 4 / 3:.0f}" height="{height * 4 / 3:.0f}"', least


def _rounded(path: str) -> str:
    """Return a path to a hundredth of a point, on one line."""
    short = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", path)
    return " ".join(short.split())
