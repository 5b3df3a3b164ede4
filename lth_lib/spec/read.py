"""What was written as plain data is a spec again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lth_lib.spec.outside import ours
from lth_lib.spec.spec import Spec, described

NAMES = ("class", "version", "class text", "parts text")
"""What stands beside the fields of a spec; what a text of parts means is in the digest alone."""


def read(data: Any, *, own: bool = False) -> Any:
    """Return the value whose canonical JSON is `data`, of classes of the library, each whole.

    With `own` it may be of classes from outside too, which are there with the text that they were written with.
    Raises `LookupError`, `TypeError` or `ValueError` for what is none; compare digests to be sure.
    """
    if isinstance(data, list):
        return tuple(read(item, own=own) for item in data)
    if not isinstance(data, dict):
        return data
    fields = {name: read(value, own=own) for name, value in data.items() if name not in NAMES}
    return _class(data, own)(**fields)


def _class(data: dict[str, Any], own: bool) -> type[Spec]:
    """Return the class that data names; of several from outside, as an edited cell leaves them, the one of its text."""
    named = [one for one in _classes(Spec) if one.__name__ == data["class"]]
    for one in named:
        if ours(one) if "class text" not in data else own and not ours(one) and described(one) == data["class text"]:
            return one
    raise LookupError(data["class"])


def _classes(base: type[Spec]) -> Iterator[type[Spec]]:
    """Yield the classes that are a spec."""
    yield base
    for child in base.__subclasses__():
        yield from _classes(child)
