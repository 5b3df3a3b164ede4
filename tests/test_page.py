"""What a chapter puts on the page."""

from __future__ import annotations

from typing import Any

import pytest

from lth_lib import page
from lth_lib.figures import new_axes


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    out: list[Any] = []
    monkeypatch.setattr(page, "display", out.append)
    return out


def test_a_sentence_is_one_paragraph_of_markdown(shown: list[Any]) -> None:
    page.say("\nof two\nlines\n")
    assert shown[0]._repr_markdown_() == "of two lines"


def test_a_figure_has_number_caption_and_alternative_text(shown: list[Any]) -> None:
    page.figure(new_axes(), number="9.1", caption="a < b", alt="a line")
    text = shown[0].data
    assert "<strong>Figure 9.1.</strong> a &lt; b</figcaption>" in text
    assert 'alt="a line"' in text


def test_frames_are_a_slider_and_a_caption(shown: list[Any]) -> None:
    page.frames([new_axes(), new_axes()], [1, 2], name="Level", number="9.2", caption="c", alt="Two.", start=1)
    handle, stack = shown[0].children
    assert (handle.index, stack.selected_index, len(stack.children)) == (1, 1, 2)
    assert "Figure 9.2." in shown[1].data
