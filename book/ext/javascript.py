"""Modules of JavaScript as one, as a widget takes it, and as a script for pages from disk, which import none."""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)


def joined(path: Path) -> str:
    """Return a module, and before it what it imports from beside it, as one module, in which no name is twice."""
    found: dict[str, str] = {}

    def add(name: str) -> None:
        text = path.with_name(name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            if needed not in found:
                add(needed)
        found[name] = _IMPORT.sub("", text)

    add(path.name)
    *before, own = found.values()
    return "\n".join([*(_hidden(text) for text in before), own])


def classic(module: str, mount: str) -> str:
    """Return a module as a script that ends with `mount`, which draws it on its page."""
    return f"(() => {{\n{_hidden(module)}{mount}}})();\n"


def _hidden(module: str) -> str:
    """Return a module that exports nothing."""
    return re.sub(r"^export (default .*\n)?", "", module, flags=re.MULTILINE)
