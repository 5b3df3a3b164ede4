"""Modules of JavaScript become one text: each before what imports it, and no name is given twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lth_lib.environment import HERE
from lth_lib.workshop import javascript


def test_modules_become_one_each_before_what_imports_it_and_once(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("/* A. */\nexport const a = 1;\n")
    (tmp_path / "b.js").write_text('import {a} from "./a.js";\nexport const b = a + 1;\n')
    own = "export const c = a + b;\n\nexport default {c};\n"
    (tmp_path / "c.js").write_text('import {a} from "./a.js";\nimport {\n  b,\n} from "./b.js";\n' + own)
    module = javascript.joined(tmp_path / "c.js")
    assert module == "/* A. */\nconst a = 1;\n\nconst b = a + 1;\n\n" + own


def test_a_module_that_is_imported_as_a_text_is_a_script_with_all_it_needs(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("export const a = `${1}`;\n")
    (tmp_path / "work.js").write_text('import { a } from "./a.js";\npostMessage(a + "\\n");\n')
    own = "export const worker = new Worker(work);\n"
    (tmp_path / "page.js").write_text('import work from "./work.js" with { type: "text" };\n' + own)
    first, rest = javascript.joined(tmp_path / "page.js").split("\n", 1)
    assert rest == own
    text = json.loads(first.removeprefix("const work = ").removesuffix(";"))
    assert text == '(() => {\n"use strict";\nconst a = `${1}`;\n\npostMessage(a + "\\n");\n})();\n'


def test_from_disk_a_module_is_a_classic_script_as_strict_as_a_module() -> None:
    module = "export function render() {}\n\nexport default { render };\n"
    script = '(() => {\n"use strict";\nfunction render() {}\n\nrender();\n})();\n'
    assert javascript.classic(module, "render();\n") == script


SCRIPTS = ("explorer/explorer.js", *(f"playground/{name}.js" for name in ("playground", "worker", "races")))


@pytest.mark.parametrize("path", SCRIPTS)
def test_no_two_modules_of_the_book_give_a_name_twice(path: str) -> None:
    text = javascript.joined(HERE / "book" / path)
    names = re.findall(r"^(?:export )?(?:const|let|(?:async )?function|class) (\w+)", text, flags=re.MULTILINE)
    assert len(names) == len({*names}) > 5
    assert "\nimport" not in text
