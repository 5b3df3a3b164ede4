"""A figure that is drawn for a phone says the same, narrower and in text that can be read there."""

from __future__ import annotations

import io
import re

import pandas as pd
from drawings import cell, root

from lth_lib.report import figures
from lth_lib.report.figures.sheet import LEAST
from lth_lib.report.stats import interval


def test_a_phone_has_the_same_labels_on_a_narrower_sheet_in_text_of_readable_size() -> None:
    table = pd.concat([cell("dense", 0, [0.9, 0.92]), cell("ticket", 3, [0.91, 0.95])])
    ax = figures.by_density(table, "early_stop", title="Tickets")
    label = ax.get_ylabel()
    figure = figures.on_phone(ax)
    out = io.BytesIO()
    figure.savefig(out, format="svg", bbox_inches="tight")
    text = out.getvalue().decode()
    assert ax.get_ylabel().replace("\n", " ") == label
    assert ax.get_title(loc="left") == "Tickets"
    legend = ax.get_legend()
    assert legend is not None
    assert [one.get_text() for one in legend.get_texts()] == ["dense (100 %)", "ticket"]
    sizes = [float(size) for size in re.findall(r"font: (?:[^;\"]*? )?([\d.]+)px", text)]
    assert min(sizes, default=LEAST) >= LEAST
    width = re.search(r'width="([\d.]+)pt"', text)
    assert width is not None
    assert float(width[1]) < 291, "wider, and a phone of 390 pixels scrolls it"


def test_names_of_rows_are_broken_and_the_figure_stays_as_high() -> None:
    found = {"more": {"a name that is longer than a phone allows": interval([0.01, 0.02])}}
    ax = figures.differences(found, "Gain")
    height = root(ax).get_figheight()
    assert figures.on_phone(ax).get_figheight() == height
    assert "\n" in ax.get_yticklabels()[0].get_text()


def test_names_among_the_marks_are_numbers_on_a_phone_and_stand_below_the_figure() -> None:
    ax = figures.new_axes()
    ax.annotate("a long name of a method", (0.5, 0.5), xytext=(1, 0.5), ha="right")
    ax.annotate("another long name", (0.2, 0.2), xytext=(0.9, 0.1), arrowprops={"arrowstyle": "-"})
    ax.annotate("3/5", (0, 0))
    figures.note(ax, None)
    high = root(ax).get_figheight() * 0.72
    assert figures.on_phone(ax).get_figheight() > high
    first, second, count, below = ax.texts
    assert [text.get_text() for text in (first, second, count)] == ["1", "2", "3/5"]
    assert below.get_text() == "1  a long name of a method\n2  another long name"
    assert first.get_position() == (0.5, 0.5), "at what it names"
    assert second.get_position() == (0.9, 0.1), "where a line leads from"
