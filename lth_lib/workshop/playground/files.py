"""The playground's files, as a page that is opened from disk takes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lth_lib.workshop.playground import page, races

DIGITS = """\
/* Digits of MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, under CC BY-SA 3.0, as is this selection
   of them: half as large, of 16 greys. Made by the book's build from the sample in its library. */
window.lthPlayground = {given};
"""

MOUNT = """
const given = { get: (name) => window.lthPlayground[name] };
document.querySelectorAll(".lth-playground").forEach((el) => render({ model: given, el }));
"""


def given() -> dict[str, Any]:
    """Return all that the playground is given: recipe, digits, and how far the ticket was ahead in stored races."""
    return page.model(page.setting()) | {"stored": races.ahead(races.stored()["races"])}


def classic(module: str) -> str:
    """Return a module as a script that draws itself on its page: from disk, a browser loads no module."""
    plain = re.sub(r"^export (default .*\n)?", "", module, flags=re.MULTILINE)
    return f"(() => {{\n{plain}{MOUNT}}})();\n"


def write(folder: Path, model: dict[str, Any]) -> None:
    """Write style sheet, digits and script into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "playground.css": (page.SOURCE / "playground.css").read_text(encoding="utf-8"),
        "digits.js": DIGITS.replace("{given}", json.dumps(model, separators=(",", ":"))),
        "playground.js": classic(page.script()),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
