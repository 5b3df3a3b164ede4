"""Leave out of the built pages what they do not need: live sliders' state, finding words, most icons, bare marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

STATE = "application/vnd.jupyter.widget-state+json"
SCRIPT = re.compile(r'\s*<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>')
"""It draws the icons that the theme's font draws too, and is half a megabyte."""
WORDS = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
"""What finds words, which only the page that shows what was found uses."""
FONT = Path("vendor/fontawesome/webfonts/fa-solid-900.ttf")
SOURCES = re.compile(r'(url\([^()]*fa-solid-900)\.woff2\) format\("woff2"\),url\([^()]*\) format\("truetype"\)')
NAMED = re.compile(r'((?:\.fa-[\w-]+:+before,?)+)\{content:"\\([0-9a-f]+)"\}')
SIGNATURE = re.compile(r'<dt class="sig .*?</dt>', re.DOTALL)
BARE = re.compile(r'<span class="(?:pre|[pnw]|sig-(?:paren|return|return-icon|return-typehint))">([^<]*)</span>')
"""A mark of a part of a signature to which no style gives a look; these were most of a page's elements."""
OWN = set(range(0xF000, 0xF900))
"""The letters that fonts use for icons."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Drop the state page by page, and the rest when all pages are written."""
    # After myst-nb, which adds the state.
    app.connect("html-page-context", drop_state, priority=900)
    app.connect("build-finished", lighten)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def drop_state(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Drop what live sliders show from a page, which has the same as HTML."""
    scripts = context.get("script_files", [])
    scripts[:] = [script for script in scripts if getattr(script, "attributes", {}).get("type") != STATE]


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Leave out of all pages what they do not need, unless the build failed."""
    if error is None and app.builder.format == "html":
        out = Path(app.outdir)
        static = out / "_static"
        pages = {path: path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
        for path, page in pages.items():
            path.write_text(without(page, path.name == "search.html"), encoding="utf-8")
        drop_icons(static, set().union(*map(icons, [*pages.values(), *_texts(static / "scripts", "*theme.js")])))


def without(page: str, finds: bool) -> str:
    """Return a page without the script of icons and bare marks, and, unless it `finds` words, without what does."""
    page = SIGNATURE.sub(lambda found: bare(found[0]), SCRIPT.sub("", page))
    return page if finds else WORDS.sub("", page)


def bare(signature: str) -> str:
    """Return a signature without marks that have no look; one may hold others."""
    left = BARE.sub(r"\1", signature)
    return left if left == signature else bare(left)


def drop_icons(static: Path, names: set[str]) -> None:
    """Draw named icons by the theme's font, which keeps no others, and drop the script that draws all."""
    style = static / "styles" / "pydata-sphinx-theme.css"
    text = style.read_text(encoding="utf-8")
    style.write_text(SOURCES.sub(r'\1.woff) format("woff")', text), encoding="utf-8")
    write_font(static / FONT, letters("".join(_texts(static, "*.css")), names))
    for left in (static / "scripts").glob("fontawesome.js*"):
        left.unlink()


def _texts(folder: Path, pattern: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob(pattern))]


def icons(text: str) -> set[str]:
    """Return the names of icons in a page or a script."""
    return set(re.findall(r"\bfa-([a-z-]+)\b", text))


def letters(style: str, names: set[str]) -> set[int]:
    """Return the letters of named icons in a style sheet, and all of a font's own that it uses without a name."""
    found = {
        int(letter, 16)
        for selectors, letter in NAMED.findall(style)
        if names & {name.strip(",").split(":")[0] for name in selectors.split(".fa-")}
    }
    rest = NAMED.sub("", style)
    return found | {int(letter, 16) for letter in re.findall(r"\\(f[0-9a-f]{3})", rest)} | OWN & set(map(ord, rest))


def write_font(path: Path, kept: set[int]) -> None:
    """Write a font with some of its letters beside it, compressed, in place of its other forms."""
    font = TTFont(path, recalcTimestamp=False)
    options = Options()
    options.flavor = "woff"
    options.name_IDs = [0, 13, 14]  # its rights and licence; a font with other letters may not have its name
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(path.with_suffix(".woff"))
    for suffix in (".ttf", ".woff2"):
        path.with_suffix(suffix).unlink()
