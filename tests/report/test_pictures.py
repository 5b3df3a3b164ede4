"""A picture is the same bytes for the same figure, sharp, and dark on a dark page."""

from __future__ import annotations

import base64
import io
import itertools
import re
import urllib.parse
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from lth_lib.report import pictures
from lth_lib.report.figures.style import looks

SEEN = {
    "by most": np.eye(3),
    "without red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "without green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "without blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""What becomes of red, green and blue, in linear light, by eyes (Machado and others 2009, at full strength)."""
LAB = np.array([[0.2126, 0.7152, 0.0722], [0.4339, 0.3763, 0.1899], [0.0177, 0.1095, 0.8728]])
"""The Y, X and Z of linear red, green and blue, each a share of white's."""


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


def linear(colour: str) -> np.ndarray:
    """Return a colour, six digits, as linear light."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (0, 2, 4)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Return linear light as L, a and b, in which distances are those that are seen."""
    y, x, z = np.cbrt(LAB @ np.clip(light, 0, 1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by the rule of WCAG."""
    low, high = sorted(float(LAB[0] @ linear(colour)) + 0.05 for colour in (one, other))
    return high / low


def test_the_same_figure_is_the_same_bytes() -> None:
    assert pictures.encode(figure()) == pictures.encode(figure())
    assert pictures.encode(figure(1)) != pictures.encode(figure(2))
    assert b"<dc:date>" not in pictures.encode(figure())


def test_a_picture_is_a_whole_svg_whose_text_is_text() -> None:
    text = decoded(pictures.image(figure(), "A line."))
    root = ElementTree.fromstring(text)
    assert {"density", "accuracy"} <= {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert not re.search(r"<metadata|<!|\n", text)


def test_every_colour_is_a_variable_with_two_values() -> None:
    text = decoded(pictures.image(figure(), "A line."))
    light, dark = re.findall(r"svg\{([^}]*)\}", text)
    names = set(re.findall(r"var\((--c\w+)\)", text))
    assert "--c0072b2" in names
    assert names == set(re.findall(r"(--c\w+):", light)) == set(re.findall(r"(--c\w+):", dark))
    assert "--cffffff:#ffffff" in light
    assert "--cffffff:#121212" in dark
    assert not re.search(r"(?:fill|stroke): #", text)


@pytest.mark.parametrize(("light", "dark"), [("ffffff", "121212"), ("000000", "f0f0f0"), ("0072b2", "1a80ba")])
def test_greys_are_turned_and_colours_paler(light: str, dark: str) -> None:
    assert pictures.dark(light) == dark


@pytest.mark.parametrize("page", ["light", "dark"])
def test_series_stand_out_from_the_page_and_from_each_other_to_all_eyes(page: str) -> None:
    own = [
        look.colour[1:]
        for look in looks(["winning ticket", "re-initialised", "shuffled mask", "dense", *"abcd"]).values()
    ]
    ground = pictures.dark("ffffff") if page == "dark" else "ffffff"
    colours = [pictures.dark(colour) if page == "dark" else colour for colour in own]
    assert min(contrast(colour, ground) for colour in colours) > 3
    for eyes in SEEN.values():
        seen = [lab(np.asarray(eyes) @ linear(colour)) for colour in colours]
        assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 10


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


def test_no_picture_is_so_narrow_that_its_smallest_text_cannot_be_read() -> None:
    drawn = figure()
    drawn.axes[0].set_title("small", fontsize=6)
    told = pictures.image(drawn, "A line.")
    width, least = (
        int(found[1]) for found in (re.search(rf"{one}(\d+)", told) for one in ('width="', "--wide: ")) if found
    )
    assert least * 6 * (4 / 3) / width == pytest.approx(pictures.SMALLEST, rel=0.01)


def test_files_are_frames() -> None:
    svg = pictures.encode(figure())
    png = b"\x89PNG\r\n\x1a\nrest"
    assert pictures.encode(svg) == svg
    assert "data:image/png;base64," in pictures.image(png, "A line.")


def test_what_is_hidden_is_made_ready_later() -> None:
    assert ' loading="lazy" hidden>' in pictures.image(figure(), "A line.", hidden=True)
    assert "hidden" not in pictures.image(figure(), "A line.")
