"""The provenance of a result says by what it was made, and how long that took."""

from __future__ import annotations

import math

from lth_lib.results.store.files import ADVICE, read_json
from lth_lib.results.store.places import Place, StoreError

MADE = ("commit", "data", "date", "device", "numpy", "python", "seconds", "threads", "torch")
"""What every provenance says; newer ones say more."""


def check_provenance(folder: Place) -> None:
    """Raise `StoreError` unless a result's provenance says what every one does, and the seconds in it are some."""
    said = read_json(folder / "provenance.json")
    if lacking := [name for name in MADE if name not in said]:
        raise StoreError(f"{folder}: provenance.json does not say {', '.join(lacking)}; {ADVICE}.")
    seconds = said["seconds"]
    if not (isinstance(seconds, int | float) and 0 <= seconds < math.inf):
        raise StoreError(f"{folder}: provenance.json says that it took {seconds} seconds; {ADVICE}.")
