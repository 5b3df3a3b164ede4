"""Real pages on paper: each picture whole and as it is by default, and nothing to drag or to press."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdf
import pytest
from chapters import source
from pypdf import PdfReader
from selenium.webdriver import Chrome

PRINTED = ("index", "book/finding-a-ticket", "book/during-training")
"""Pages that together have all that paper cannot have: loop, playground, explorers, sliders, sorted tables, answers."""
SHEET = {"width": 848, "height": 1300, "deviceScaleFactor": 1, "mobile": False}
"""The width of the paper between its margins, in the pixels of a page that is printed at 0.8 of its size."""

SEEN = r"""
const every = (selector, within = document) => [...within.querySelectorAll(selector)];
const seen = (one) => one.getClientRects().length && getComputedStyle(one).clipPath === "none";
const words = (image) => {
  const svg = decodeURIComponent(image.currentSrc.slice(image.currentSrc.indexOf(",") + 1));
  return every("text", new DOMParser().parseFromString(svg, "image/svg+xml")).map((one) => one.textContent);
};
return {
  controls: every("input, select, button, textarea, progress, .toggle-button").filter(seen).map((one) => one.outerHTML),
  wide: every(".bd-article *").filter((one) => seen(one) && one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.outerHTML.slice(0, 200)),
  sliders: every(".lth-frames").filter(seen).map((box) => ({
    label: JSON.parse(box.dataset.labels)[box.querySelector("input").defaultValue],
    said: box.querySelector(".lth-turn strong").textContent,
    shown: every(".lth-frame", box).filter(seen).map((one) => one.alt),
  })),
  playgrounds: every(".lth-playground").map((one) => [
    JSON.parse(getComputedStyle(one, "::before").content), every("*", one).filter(seen).length,
  ]),
  figures: every("figure.lth-figure").filter(seen).map((one) => ({
    caption: one.querySelector("figcaption").textContent.trim(), words: every("img", one).filter(seen).flatMap(words),
  })),
};
"""


@dataclass(frozen=True)
class Printed:
    """A page on paper: the text of each sheet without its spaces, and what the browser has laid out for it."""

    page: str
    sheets: list[str]
    seen: dict[str, Any]


@pytest.fixture(scope="module", params=PRINTED)
def printed(request: pytest.FixtureRequest, book: Path, browser: Chrome) -> Iterator[Printed]:
    """Print a page."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SHEET)
    sheets = PdfReader(io.BytesIO(pdf.print_page(browser, book / f"{request.param}.html"))).pages
    yield Printed(request.param, [close(sheet.extract_text()) for sheet in sheets], browser.execute_script(SEEN))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def close(text: str) -> str:
    """Return a text without its spaces, which a PDF does not keep, and without ligatures."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_nothing_to_press_is_printed_and_nothing_is_wider_than_the_paper(printed: Printed) -> None:
    assert (printed.seen["controls"], printed.seen["wide"]) == ([], [])
    text = "".join(printed.sheets)
    assert not [word for word in ("Dragit", "Clicktohide", "\u2195") if word in text]


def test_every_slider_stands_at_its_default(printed: Printed, book: Path) -> None:
    there = (book / f"{printed.page}.html").read_text(encoding="utf-8").count('class="lth-frames"')
    assert len(printed.seen["sliders"]) == there
    for slider in printed.seen["sliders"]:
        [shown] = slider["shown"]
        assert slider["said"] == slider["label"]
        assert f": {slider['label']}. " in shown


def test_every_figure_is_whole_on_one_sheet(printed: Printed) -> None:
    assert printed.seen["figures"]
    for figure in printed.seen["figures"]:
        assert figure["words"], figure["caption"]
        parts = [close(figure["caption"]), *map(close, figure["words"])]
        missing = [[part for part in parts if part not in sheet] for sheet in printed.sheets]
        assert [] in missing, min(missing, key=len)


def test_a_playground_is_one_sentence(printed: Printed) -> None:
    boxes = printed.seen["playgrounds"]
    assert len(boxes) == source(printed.page).count('class="lth-playground"')
    for sentence, parts in boxes:
        assert (sentence.count("."), parts) == (1, 0)
        assert close(sentence) in "".join(printed.sheets)
