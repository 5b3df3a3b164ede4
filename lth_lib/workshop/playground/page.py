"""What the playground trains, how, and by which engine."""

from __future__ import annotations

from typing import Any

from lth_lib.environment import HERE
from lth_lib.models import LeNet
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting
from lth_lib.workshop.javascript import joined, plain
from lth_lib.workshop.playground.digits import SmallDigits, packed

SOURCE = HERE / "book" / "playground"

RATE = 4.8e-3
"""Of those tried, the rate at which the dense network reads most of the digits that the page never sees."""

LEVELS = (3, 7, 10, 14)
"""How many times a fifth goes before a race that is stored; the page offers to repeat as often."""

EARLY = 50
"""After so many iterations the races are read for the first time."""

COPIES = 3
"""So many networks with the ticket's mask and other values stand against it, of each kind."""


TESTS = (10, 20, 30, 40, 50, 75, 100, 150, 200, 250, 300, 320, 340, 360, 380, 400)
"""When the networks of a race are read: five times in the last fifth, whose mean is "the end"."""


def setting(rate: float = RATE) -> Setting:
    """Return what the playground trains, as the library says it."""
    recipe = Recipe(Adam(), Rate(rate), batch=60, steps=400, segment=20, test_every=20)
    return Setting(SmallDigits(), LeNet((100, 50)), recipe)


def recipe(given: Setting) -> dict[str, Any]:
    """Return a setting as the engine takes it."""
    own, arrays = given.recipe, given.data.load()
    sizes = [layer.shape[1] for layer in given.layers] + [given.data.classes]
    return {
        "sizes": sizes,
        "batch": own.batch,
        "rate": own.rate.at(0),
        "steps": own.steps,
        "shift": float(arrays.shift),
        "share": 0.2,
        "copies": COPIES,
        "early": EARLY,
        "levels": list(LEVELS),
        "tests": list(TESTS),
        "glimpses": [step for step in TESTS if step % EARLY == 0],
    }


def model(given: Setting, part: str = "test") -> dict[str, Any]:
    """Return what `render` takes, but for what is stored; `part` are the digits that networks are judged on."""
    data = given.data
    assert isinstance(data, SmallDigits)
    return {"recipe": recipe(given), "digits": packed(data, part)}


def script() -> str:
    """Return the playground as one module."""
    return joined(SOURCE / "playground.js")


def engine() -> str:
    """Return the text of what trains races, which knows of no page."""
    return plain(joined(SOURCE / "races.js"))
