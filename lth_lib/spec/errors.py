"""What cannot be is refused in one sentence."""

from __future__ import annotations

from typing import NoReturn


class SpecError(ValueError):
    """A spec that no result can be a function of: says what was given, what is allowed, what to do."""


def require(condition: bool, message: str) -> None:
    """Raise `SpecError(message)` unless `condition` holds."""
    if not condition:
        refuse(message)


def refuse(message: str) -> NoReturn:
    """Raise `SpecError(message)`."""
    raise SpecError(message)
