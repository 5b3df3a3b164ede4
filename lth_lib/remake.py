"""Committed runs, trained again by whoever doubts them, agree with what is committed within replicate noise."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lth_lib.compute import compute
from lth_lib.provenance import source
from lth_lib.store import HERE, Place, Result, Store, committed, write_bytes
from lth_lib.studies import original
from lth_lib.tickets import Run

FOLDER = HERE / "book" / "results" / "remade"
COMPARED = ("best_test_accuracy", "final_test_accuracy", "best_step")


def chain(deepest: int) -> list[Run]:
    """Return the first block's dense network and its tickets to a level."""
    series = original("paper").series
    return [series["dense"][0][0], *(series["winning ticket"][level][0] for level in range(1, deepest + 1))]


def remake(runs: Sequence[Run], scratch: Place, *, device: str = "cpu", progress: bool = True) -> dict[str, Any]:
    """Train runs again into a store of their own; return what both trainings found, replicate by replicate."""
    # What another source of the library, or another device, has made is not made again by this one.
    own = scratch / f"{device.replace(':', '-')}-{source()}"
    again = compute(runs, Store(own / "results", own), train=True, device=device, progress=progress)
    before = compute(runs, committed())
    made = again[runs[-1]].provenance
    seconds = sum(again[run].provenance["seconds"] for run in runs)
    return {"machine": {**made, "seconds": seconds}, "runs": [_both(before[run], again[run]) for run in runs]}


def _both(committed: Result, remade: Result) -> dict[str, Any]:
    """Return the numbers of one run, as committed and as made again."""
    run = committed.run
    found = {
        name: {"committed": committed.metrics[name].tolist(), "remade": remade.metrics[name].tolist()}
        for name in COMPARED
    }
    return {"digest": run.digest, "level": run.level, "seeds": list(run.seeds), **found}


def write(found: dict[str, Any]) -> Path:
    """Write the comparison under the machine's name."""
    path = FOLDER / (re.sub("[^a-z0-9]+", "-", found["machine"]["device"].lower()).strip("-") + ".json")
    write_bytes(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
    return path
