"""A picture is the same bytes for the same figure, sharp, and dark on a dark page."""

from __future__ import annotations

import base64
import io
import re
import urllib.parse
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from lth_lib.report import pictures


def figure(height: float = 1.0) -> Figure:
    """Draw a line, a clipped region and text, whose ids would differ by chance."""
    drawn, axes = plt.subplots(figsize=(2, 2))
    axes.plot([0, height, 0.5], color="#0072b2", label="line")
    axes.fill_between([0, 1], [0, 1], alpha=0.2)
    axes.set(xlabel="density", ylabel="accuracy")
    return drawn


def decoded(html: str) -> str:
    """Return the SVG inside an HTML image."""
    source = re.search(r'src="data:image/svg\+xml,([^"]*)"', html)
    assert source is not None
    return urllib.parse.unquote(source[1])


def test_the_same_figure_is_the_same_bytes() -> None:
    assert pictures.encode(figure()) == pictures.encode(figure())
    assert pictures.encode(figure(1)) != pictures.encode(figure(2))
    assert b"<dc:date>" not in pictures.encode(figure())


def test_a_picture_is_a_whole_svg_whose_text_is_text() -> None:
    text = decoded(pictures.image(figure(), "A line."))
    root = ElementTree.fromstring(text)
    assert {"density", "accuracy"} <= {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}


def test_a_pixel_of_data_is_a_pixel_of_the_file_and_a_scale_one_image() -> None:
    drawn, axes = plt.subplots()
    drawn.colorbar(axes.imshow(np.arange(12).reshape(3, 4)))
    content = pictures.encode(drawn).decode()
    sizes = [
        Image.open(io.BytesIO(base64.b64decode(data))).size
        for data in re.findall(r"data:image/png;base64,([^\"]*)", content)
    ]
    assert len(sizes) == 2
    assert (4, 3) in sizes


def test_files_are_frames() -> None:
    svg = pictures.encode(figure())
    png = b"\x89PNG\r\n\x1a\nrest"
    assert pictures.encode(svg) == svg
    assert "data:image/png;base64," in pictures.image(png, "A line.")


def test_what_is_hidden_is_made_ready_later() -> None:
    assert ' loading="lazy" hidden>' in pictures.image(figure(), "A line.", hidden=True)
    assert "hidden" not in pictures.image(figure(), "A line.")
