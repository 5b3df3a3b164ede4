"""Modules of JavaScript as one, as a widget takes it, and as a script for pages from disk, which import none."""

from __future__ import annotations

import json
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
_TEXT = re.compile(r'^import (\w+) from "\./(\w+\.js)" with \{ ?type: "text" ?\};\n', re.MULTILINE)


def joined(path: Path) -> str:
    """Return a module, and before it what it imports from beside it, as one module, in which no name is twice.

    What is imported as a text is a script of its own, as a worker takes it, and may have names of its own.
    """
    found: dict[str, str] = {}

    def script(match: re.Match[str]) -> str:
        return f"const {match[1]} = {json.dumps(classic(joined(path.with_name(match[2]))))};\n"

    def add(name: str) -> None:
        text = path.with_name(name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            if needed not in found:
                add(needed)
        found[name] = _TEXT.sub(script, _IMPORT.sub("", text))

    add(path.name)
    *before, own = found.values()
    return "\n".join([*(plain(text) for text in before), own])


def classic(module: str, end: str = "") -> str:
    """Return a module as a script that keeps its names to itself; it ends with `end`, which may use them."""
    return f'(() => {{\n"use strict";\n{plain(module)}{end}}})();\n'


def plain(module: str) -> str:
    """Return a module that exports nothing."""
    return re.sub(r"^export (default .*\n)?", "", module, flags=re.MULTILINE)
