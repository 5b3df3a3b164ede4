"""`unbundle` adds what another machine has trained to the results."""

from __future__ import annotations

import argparse
from pathlib import Path

from lth_lib.results.bundle import add, file, restore
from lth_lib.results.store import committed


def run(given: argparse.Namespace) -> int:
    """Check the results in a file and add those that are not there, or say why nothing was added."""
    path, store = Path(given.file), committed()
    added, equal = add(path, store)
    there = f"; {len(equal)} were there already, equal" if equal else ""
    print(f"{len(added)} results were added to {store.results}{there}.")
    if going_on := restore(file.read(path), store):
        print(f"{going_on} files to go on from were put into {store.scratch}.")
    return 0
