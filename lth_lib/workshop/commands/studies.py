"""`studies` lists what there is, what is done of it, and how long the rest takes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import ALL, Entry
from lth_lib.results.store import committed


def run(given: argparse.Namespace) -> int:
    """Print a line for each study: its runs, how many are done, and the hours on one core that the others take."""
    store = committed()
    width = max(map(len, ["study", *(entry.name for entry in ALL)]))
    print(f"{'study':<{width}} {'runs':>5} {'done':>5} {'core hours to do':>17}   question")
    for entry in ALL:
        runs = entry.build(given.scale).runs if given.scale in entry.scales else []
        todo = [one for one in runs if not store.has(one)]
        done = len(runs) - len(todo)
        print(f"{entry.name:<{width}} {len(runs):>5} {done:>5} {hours(entry, todo):>17.1f}   {entry.question}")
    return 0


def hours(entry: Entry, runs: Sequence[Run]) -> float:
    """Return the core hours that runs of a study take, by their steps and replicates."""
    return entry.core_hours * _work(runs) / _work(entry.build("paper").runs)


def _work(runs: Sequence[Run]) -> int:
    return sum((one.stop - one.start) * len(one.seeds) for one in runs)
