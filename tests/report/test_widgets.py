"""The two forms of a slider, without a browser; tests/book moves that of a page in one."""

from __future__ import annotations

import ast
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from lth_lib.report import widgets
from lth_lib.report.pictures import encode


def figure(height: float = 1.0) -> Figure:
    """Draw a line."""
    drawn, axes = plt.subplots(figsize=(2, 2))
    axes.plot([0, height, 0.5])
    return drawn


def page(labels: list[str], **options: Any) -> str:
    """Return a slider as the HTML of a page."""
    frames = [figure(1 + index) for index in range(len(labels))]
    given = {"name": "Density", "alt": 'A "line" & more.', "caption": "<figcaption>c</figcaption>"} | options
    return widgets.shown(frames, labels, **given)["text/html"]


def test_every_frame_is_a_picture_with_its_own_text_and_one_is_shown() -> None:
    text = page(["100 %", "51.3 %"], start=1)
    first, second = re.findall(r"<img[^>]*>", text)
    assert 'alt="Density: 100 %. A &quot;line&quot; &amp; more."' in first
    assert 'alt="Density: 51.3 %. A &quot;line&quot; &amp; more."' in second
    assert " hidden>" in first
    assert "hidden" not in second
    assert text.endswith("<figcaption>c</figcaption></figure>")


def test_the_slider_of_a_page_knows_its_name_and_its_positions() -> None:
    text = page(["a < b", 'the "end"'], start=1)
    labels = re.search(r'data-labels="([^"]*)"', text)
    assert labels is not None
    assert json.loads(unescape(labels[1])) == ["a < b", 'the "end"']
    assert re.search(r'<label><span>Density</span><input type="range" min="0" max="1" value="1" ', text)
    assert 'aria-valuetext="the &quot;end&quot;"' in text
    assert '<div class="lth-turn" hidden>' in text, "a slider that no script moves would be seen"


def test_a_live_notebook_has_a_widget_whose_link_runs_in_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    links = []
    monkeypatch.setattr(ipywidgets, "jslink", lambda source, target: links.append((source, target)))
    box = widgets.slider([encode(figure()), encode(figure(2))], ["a", "b"], ["A.", "B."], "Level", 1, "c")
    handle, stack, caption = box.children
    assert links == [((handle, "index"), (stack, "selected_index"))]
    assert (handle.description, handle.options, handle.index) == ("Level", (("a", 0), ("b", 1)), 1)
    assert (len(stack.children), stack.selected_index, caption.value) == (2, 1, "c")


def test_both_forms_are_displayed_as_one() -> None:
    shown = widgets.shown([figure()], ["a"], name="Level", alt="A line.", caption="")
    assert {"text/html", "application/vnd.jupyter.widget-view+json"} <= set(shown)


def test_figures_are_closed() -> None:
    plt.close("all")
    page(["a", "b"])
    assert plt.get_fignums() == []


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
    given = {"name": "Level", "alt": "A line.", "caption": ""} | options
    with pytest.raises(ValueError, match=re.escape(message)):
        widgets.shown([figure() for _ in range(frames)], labels, **given)
    plt.close("all")


@pytest.mark.parametrize("frame", ["a path", b"neither SVG nor PNG"])
def test_a_frame_that_is_no_picture_is_refused(frame: object) -> None:
    with pytest.raises(ValueError, match="frame 0 of the slider 'Level'"):
        widgets.shown([frame], "a", name="Level", alt="A line.", caption="")  # type: ignore[list-item]


def test_no_torch() -> None:
    tree = ast.parse(Path(widgets.__file__).read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names} | modules
    assert not {name for name in imported if name.split(".")[0] == "torch"}
    assert {name for name in imported if name.startswith("lth_lib")} == {"lth_lib.report.pictures"}
