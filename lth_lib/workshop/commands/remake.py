"""`remake` trains committed runs again to compare."""

from __future__ import annotations

import argparse

from lth_lib.experiments.studies import lenet
from lth_lib.results.store import committed
from lth_lib.training.machine import check_device
from lth_lib.workshop import remake


def run(given: argparse.Namespace) -> int:
    """Train dense networks and tickets again, beside the committed ones, and write what both found."""
    check_device(given.device)
    if given.kernels is not None:
        found = remake.two_kernels(lenet("paper"), remake.fresh_blocks(given.kernels), remake.STEPS)
        print(f"Written to {remake.write_kernels(found)}.")
        return 0
    runs = remake.chains(given.deepest, given.seeds)
    found = remake.remake(runs, committed().scratch / "remade", device=given.device)
    print(f"Written to {remake.write_runs(found)}.")
    return 0
