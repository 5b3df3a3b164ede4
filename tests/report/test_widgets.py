"""The slider's parts, without a browser; tests/book moves it in one."""

from __future__ import annotations

import ast
import re
import urllib.parse
from pathlib import Path

import ipywidgets
import matplotlib
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from lth_lib.report import widgets

matplotlib.use("agg")


def figure(height: float = 1.0, title: str = "") -> Figure:
    """Draw a small figure with a line, a clipped region and text, whose ids would differ by chance."""
    drawn, axes = plt.subplots(figsize=(2, 2))
    axes.plot([0, height, 0.5], label="line")
    axes.fill_between([0, 1], [0, 1], alpha=0.2)
    axes.set(title=title, xlabel="density", ylabel="accuracy")
    return drawn


def parts(box: ipywidgets.VBox) -> tuple[ipywidgets.SelectionSlider, ipywidgets.Stack]:
    """Return the slider and the stack of a box."""
    handle, stack = box.children
    return handle, stack


def decoded(picture: ipywidgets.HTML) -> str:
    """Return the SVG inside an HTML picture."""
    source = re.search(r'src="data:image/svg\+xml,([^"]*)"', picture.value)
    assert source is not None
    return urllib.parse.unquote(source.group(1))


def test_every_frame_is_a_picture_with_its_own_text() -> None:
    handle, stack = parts(
        widgets.slider([figure(1), figure(2)], ["100 %", "51.3 %"], name="Density", alt='A "line" & more.')
    )
    assert handle.options == (("100 %", 0), ("51.3 %", 1))
    assert handle.description == "Density"
    assert len(stack.children) == 2
    assert 'alt="Density: 51.3 %. A &quot;line&quot; &amp; more."' in stack.children[1].value
    assert all("<text" in decoded(child) for child in stack.children), "text stays text in the SVG"


def test_the_link_runs_in_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    links = []
    monkeypatch.setattr(ipywidgets, "jslink", lambda source, target: links.append((source, target)))
    handle, stack = parts(widgets.slider([figure(), figure()], "ab", name="Level", alt="A line."))
    assert links == [((handle, "index"), (stack, "selected_index"))]


def test_start_is_shown_first() -> None:
    handle, stack = parts(widgets.slider([figure(), figure()], "ab", name="Level", alt="A line.", start=1))
    assert handle.index == 1
    assert stack.selected_index == 1


def test_the_same_picture_is_the_same_bytes() -> None:
    assert widgets.encode(figure()) == widgets.encode(figure())
    assert widgets.encode(figure(), raster=True) == widgets.encode(figure(), raster=True)
    assert widgets.encode(figure(1)) != widgets.encode(figure(2))
    assert b"<dc:date>" not in widgets.encode(figure())


def test_figures_are_closed() -> None:
    plt.close("all")
    widgets.slider([figure(), figure()], "ab", name="Level", alt="A line.")
    assert plt.get_fignums() == []


def test_bytes_and_rasters_are_frames() -> None:
    png, svg = widgets.encode(figure(), raster=True), widgets.encode(figure())
    _, stack = parts(widgets.slider([png, svg], "ab", name="Level", alt="A line."))
    assert "data:image/png;base64," in stack.children[0].value
    assert "data:image/svg+xml," in stack.children[1].value
    _, stack = parts(widgets.slider([figure()], "a", name="Level", alt="A line.", raster=True))
    assert "data:image/png;base64," in stack.children[0].value


@pytest.mark.parametrize(
    ("frames", "labels", "options", "message"),
    [
        (0, "", {}, "the slider 'Level' has no frames; give it at least one figure."),
        (2, "a", {}, "the slider 'Level' has 2 frames, 1 labels and 1 alternative texts; give one for each frame."),
        (1, "a", {"alt": " "}, "a slider needs a name and an alternative text"),
        (1, "a", {"name": ""}, "a slider needs a name and an alternative text"),
        (2, "ab", {"start": 2}, "start was 2; the slider 'Level' has frames 0 to 1"),
    ],
)
def test_bad_input_is_one_clear_sentence(frames: int, labels: str, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        widgets.slider([figure() for _ in range(frames)], labels, **({"name": "Level", "alt": "A line."} | options))
    plt.close("all")


@pytest.mark.parametrize("frame", ["a path", b"neither SVG nor PNG"])
def test_a_frame_that_is_no_picture_is_refused(frame: object) -> None:
    with pytest.raises(ValueError, match="frame 0 of the slider 'Level'"):
        widgets.slider([frame], "a", name="Level", alt="A line.")  # type: ignore[list-item]


def test_no_torch() -> None:
    tree = ast.parse(Path(widgets.__file__).read_text(encoding="utf-8"))
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert not {name for name in imported if name.split(".")[0] in {"torch", "lth_lib"}}


def test_positions_named_in_words_have_a_place_of_fixed_width() -> None:
    words = widgets.slider([figure(), figure()], ["at the end", "at early stopping"], name="Read", alt="A line.")
    numbers = widgets.slider([figure(), figure()], ["100 %", "51.3 %"], name="Density", alt="A line.")
    assert "lth-words" in words._dom_classes
    assert "lth-words" not in numbers._dom_classes
