"""Put measured numbers into prose: `{{ key }}` on a page is the value of `key` in book/results/numbers.json.

A name that is not there is a warning, and so fails the build.
"""

from __future__ import annotations

import json
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Load the numbers before MyST reads its configuration."""
    app.connect("config-inited", load_numbers, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def load_numbers(app: Sphinx, config: Config) -> None:
    """Add the measured numbers to MyST's substitutions."""
    path = Path(app.srcdir, "book", "results", "numbers.json")
    numbers = read(path) if path.exists() else {}
    config["myst_substitutions"] = {**config["myst_substitutions"], **numbers}


def read(path: Path) -> dict[str, object]:
    """Return the names and values of a file of numbers, or say what is wrong with it."""
    try:
        numbers = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON ({error}); write it again from the results.") from error
    if not (isinstance(numbers, dict) and all(name.isidentifier() for name in numbers)):
        raise ConfigError(f"{path} must be one JSON object whose names are words, such as dense_accuracy.")
    return numbers
