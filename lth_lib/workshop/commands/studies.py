"""`studies` lists what there is, what is done of it, and how long the rest takes."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import ALL, Entry
from lth_lib.results.store import committed


def run(given: argparse.Namespace) -> int:
    """Print a line for each study: its runs, how many are done, and the hours on one core that the others take."""
    store = committed()
    print(f"{'study':<15} {'runs':>5} {'done':>5} {'core hours to do':>17}   question")
    for entry in ALL:
        runs = entry.build("paper").runs
        done = [one for one in runs if store.has(one)]
        print(f"{entry.name:<15} {len(runs):>5} {len(done):>5} {hours(entry, runs, done):>17.1f}   {entry.question}")
    return 0


def hours(entry: Entry, runs: Sequence[Run], done: Collection[Run]) -> float:
    """Return the core hours of a study that are to come, as its share of steps and replicates."""
    work = {one: (one.stop - one.start) * len(one.seeds) for one in runs}
    return entry.core_hours * (1 - sum(work[one] for one in done) / sum(work.values()))
