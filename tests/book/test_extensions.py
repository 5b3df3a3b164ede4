"""What the local Sphinx extensions do to text; that the book builds is tested by building it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "ext"))

import accessible  # noqa: E402
import api_pages  # noqa: E402
import digest  # noqa: E402
import lighter  # noqa: E402


@pytest.mark.parametrize(
    ("plain", "restructured"),
    [
        ("The loss sees `w * m` and `a_`.", "The loss sees ``w * m`` and ``a_``."),
        ("w * m, |w| and name_ are text", r"w \* m, \|w\| and name\_ are text"),
        ("already ``code``", "already ``code``"),
        ("snake_case stays", "snake_case stays"),
        ("", ""),
    ],
)
def test_docstrings_are_plain_prose(plain, restructured):
    assert api_pages.plain_line(plain) == restructured


def test_a_folder_that_says_what_it_offers_stands_for_its_files(tmp_path):
    written = {
        "__init__.py": '"""A."""',
        "__main__.py": '"""Runs."""',
        "spec.py": '"""S."""',
        "silent.py": "x = 1",
        "stats/__init__.py": '"""T."""\n__all__ = ["mean"]',
        "stats/tables.py": '"""U."""',
    }
    for name, text in written.items():
        path = tmp_path / "lth_lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert api_pages.modules(tmp_path) == ["lth_lib.spec", "lth_lib.stats"]


def test_each_table_of_the_text_has_a_name_of_its_own():
    one = '<div class="pst-scrollable-table-container">'
    assert re.findall('role="region" aria-label="([^"]*)"', accessible.repair(2 * one)) == [
        "Table 1 of the text",
        "Table 2 of the text",
    ]


def test_repairs_name_each_button_once():
    before = '<button class="btn search-button-field x" title="Search" aria-label="Search" data-x="1">'
    assert accessible.repair(before) == '<button class="btn search-button-field x" data-x="1">'


def test_a_page_has_no_theme_before_a_script_gives_it_one():
    assert accessible.repair('<html lang="en" data-theme="auto">') == '<html lang="en">'


def test_icons_are_hidden_from_those_who_listen():
    assert accessible.repair('<i class="fas fa-bars">') == '<i class="fas fa-bars" aria-hidden="true">'


def test_a_signature_keeps_the_marks_that_have_a_look():
    name = '<span class="sig-name descname"><span class="pre">f</span></span><span class="sig-paren">(</span>'
    given = '<em class="sig-param"><span class="n"><span class="pre">x</span></span><span class="w"> </span>'
    given += '<span class="o"><span class="pre">=</span></span></em>'
    code = '<code><span class="pre">x</span></code>'
    left = '<span class="sig-name descname">f</span>(<em class="sig-param">x <span class="o">=</span></em>'
    page = f'<dt class="sig py">{name}{given}</dt>{code}'
    assert lighter.without(page, finds=True) == f'<dt class="sig py">{left}</dt>{code}'


def test_letters_are_those_of_named_icons_and_those_that_a_style_uses_unnamed():
    style = (
        r'.fa-bars:before,.fa-navicon:before{content:"\f0c9"}.fa-bat:before{content:"\f6b5"}q:before{content:"\f054"}'
    )
    assert lighter.icons('<i class="fas fa-bars"></i>') == {"bars"}
    assert lighter.letters(style, {"bars"}) == {0xF0C9, 0xF054}


def test_words_are_found_on_one_page_alone():
    page = '<a>\n<script src="../_static/searchtools.js"></script>\n<script src="../searchindex.js"></script></a>'
    assert lighter.without(page, finds=True) == page
    assert lighter.without(page, finds=False) == "<a></a>"


def test_a_font_keeps_some_letters_and_its_licence_but_not_its_name(tmp_path):
    static = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
    path = tmp_path / "icons.ttf"
    path.write_bytes((static / lighter.FONT).read_bytes())
    path.with_suffix(".woff2").touch()
    lighter.write_font(path, {0xF0C9})
    assert [left.name for left in tmp_path.iterdir()] == ["icons.woff"]
    font = TTFont(path.with_suffix(".woff"))
    assert set(font.getBestCmap()) == {0xF0C9}
    assert {record.nameID for record in font["name"].names} <= {0, 13, 14}
    assert "Font Awesome" in font["name"].getDebugName(0)


def test_the_digest_sees_names_and_contents_but_not_caches(tmp_path):
    (tmp_path / "lth_lib" / "__pycache__").mkdir(parents=True)
    source = tmp_path / "lth_lib" / "spec.py"
    source.write_text("1")
    first = digest.digest(tmp_path)
    (tmp_path / "lth_lib" / "__pycache__" / "spec.pyc").write_text("x")
    assert digest.digest(tmp_path) == first
    source.write_text("2")
    assert digest.digest(tmp_path) != first
    source.write_text("1")
    source.rename(source.with_name("other.py"))
    assert digest.digest(tmp_path) != first
