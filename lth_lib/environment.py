"""What the environment says of places: an empty variable says nothing, and ~ is somebody's home."""

from __future__ import annotations

import os
from pathlib import Path

from lth_lib.spec import require

ROOT = Path(__file__).resolve().parents[1]

CHECKOUT = (ROOT / "pyproject.toml").is_file()
"""Whether the library lies beside its book, and is not installed among other packages."""

HERE = ROOT if CHECKOUT else Path()
"""Where the book's results and the scratch place are: beside the library, else in the folder in which one works."""

OTHERS = {"Thumbs.db", "desktop.ini", "Icon\r", "@eaDir", "lost+found", "__MACOSX"}


def left(name: str) -> bool:
    """Say whether a name is of what file systems, and those who browse them, leave in any folder."""
    return name.startswith(".") or name in OTHERS


def named(variable: str) -> str | None:
    """Return the place that a variable names; None where it is unset or empty."""
    text = os.environ.get(variable, "").strip()
    return expanded(text) if text else None


def expanded(text: str) -> str:
    """Return a path in which ~ or ~user is a home; raises `SpecError` where there is none."""
    found = os.path.expanduser(text)
    require(not found.startswith("~"), f"{text} was given, but {text.partition('/')[0]} is no home here; write it out.")
    return found


def home() -> Path | None:
    """Return the home of whoever runs this; None for a user whom the system does not know."""
    found = Path(os.path.expanduser("~"))
    return found if found.is_absolute() else None
