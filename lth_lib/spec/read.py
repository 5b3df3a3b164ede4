"""What was written as plain data is a spec again."""

from __future__ import annotations

from typing import Any

from lth_lib.spec.outside import ours
from lth_lib.spec.spec import Spec


def read(data: Any) -> Any:
    """Return the value whose canonical JSON is `data`, of classes of the library, each whole.

    Raises `LookupError`, `TypeError` or `ValueError` for what is none; compare digests to be sure.
    """
    if isinstance(data, list):
        return tuple(read(item) for item in data)
    if not isinstance(data, dict):
        return data
    fields = {name: read(value) for name, value in data.items() if name not in ("class", "version")}
    return _classes(Spec)[data["class"]](**fields)


def _classes(base: type[Spec]) -> dict[str, type[Spec]]:
    """Return the classes of the library that are a spec, by name."""
    below = {name: one for child in base.__subclasses__() for name, one in _classes(child).items()}
    return below | ({base.__name__: base} if ours(base) else {})
