"""`verify` checks what is stored."""

from __future__ import annotations

import argparse
import sys

from lth_lib.results.store import committed
from lth_lib.workshop.own import bring


def run(given: argparse.Namespace) -> int:
    """Print what is stored wrongly; return 1 if anything is."""
    bring(given.classes)
    store = committed()
    faults = store.verify()
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults and not any(store.folders()):
        print(f"There are no results in {store.results}; `make compute` makes them.", file=sys.stderr)
        return 1
    whole = sum(1 for kind in ("runs", "measurements") for _ in store.folders(kind)) - len(faults)
    print(f"{whole} results are whole, {len(faults)} are not.")
    return 1 if faults else 0
