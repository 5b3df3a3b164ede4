"""What the playground is given, as a page that is opened from disk takes it."""

from __future__ import annotations

import json
from typing import Any

from lth_lib.workshop.playground import page, races

DIGITS = """\
/* Digits of MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, under CC BY-SA 3.0, as is this selection
   of them: half as large, of 16 greys. Made by the book's build from the sample in its library. */
window.lthPlayground = {given};
"""


def given() -> dict[str, Any]:
    """Return all that the playground is given: recipe, digits, and how far the ticket was ahead in stored races."""
    return page.model(page.setting()) | {"stored": races.ahead(races.stored()["races"])}


def digits(model: dict[str, Any]) -> str:
    """Return what the playground is given as a script: from disk, a page reads nothing else."""
    return DIGITS.replace("{given}", json.dumps(model, separators=(",", ":")))
