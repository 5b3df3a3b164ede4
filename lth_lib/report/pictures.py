"""A figure in, a picture out: the same bytes for the same figure."""

from __future__ import annotations

import base64
import html
import io
import urllib.parse

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

Frame = Figure | bytes
"""One picture: a matplotlib figure, or the bytes of an SVG or PNG file."""

PNG = b"\x89PNG\r\n\x1a\n"


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


def image(frame: Frame, alt: str, hidden: bool = False) -> str:
    """Return a frame as an HTML image that carries its own data and its alternative text.

    One that is `hidden` is not made ready before it is shown.
    """
    content = encode(frame)
    if content.startswith(PNG):
        source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    else:
        # Percent-encoding keeps the text compressible, which base64 does not.
        source = f"data:image/svg+xml,{urllib.parse.quote(content, safe=' =:/;,()')}"
    later = ' loading="lazy" hidden' if hidden else ""
    return f'<img class="lth-frame" src="{source}" alt="{html.escape(alt)}"{later}>'
