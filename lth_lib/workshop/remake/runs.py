"""Committed runs are trained again, by another version of the engine or another machine, and compared."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import original
from lth_lib.results.compute import compute
from lth_lib.results.provenance import source
from lth_lib.results.store import HERE, Place, Result, Store, check_writable, committed
from lth_lib.spec import require
from lth_lib.workshop.machine_file import file_name, write_json

FOLDER = HERE / "book" / "results" / "remade"
COMPARED = ("best_test_accuracy", "final_test_accuracy", "best_step")


def chains(deepest: int, seeds: Collection[int] = ()) -> list[Run]:
    """Return the dense networks and their tickets to a level, of the blocks that begin with these seeds or of all."""
    series = original("paper").series
    levels = series["dense"] | series["winning ticket"]
    require(0 <= deepest <= max(levels), f"the deepest level was {deepest}; the chain has levels 0 to {max(levels)}.")
    firsts = [run.seeds[0] for run in levels[0]]
    unknown = sorted(set(seeds) - set(firsts))
    require(not unknown, f"the seeds were {unknown}; the blocks of seeds begin with {firsts}.")
    runs = [run for level in range(deepest + 1) for run in levels[level] if not seeds or run.seeds[0] in seeds]
    return sorted(runs, key=lambda run: run.seeds[0])


def remake(runs: Sequence[Run], scratch: Place, *, device: str = "cpu", progress: bool = True) -> dict[str, Any]:
    """Train runs again into a store of their own; return what both trainings found, replicate by replicate."""
    # What another source of the library, or another device, has made is not made again by this one.
    own = scratch / f"{device.replace(':', '-')}-{source()}"
    before = compute(runs, committed())
    check_writable(FOLDER)
    again = compute(runs, Store(own / "results", own), train=True, device=device, progress=progress)
    return {"device": again[runs[-1]].provenance["device"], "runs": [_both(before[run], again[run]) for run in runs]}


def _both(committed: Result, remade: Result) -> dict[str, Any]:
    """Return the numbers of one run, as committed and as made again, and who made it again."""
    run = committed.run
    found = {
        name: {"committed": committed.metrics[name].tolist(), "remade": remade.metrics[name].tolist()}
        for name in COMPARED
    }
    made = {name: remade.provenance[name] for name in ("commit", "date", "seconds", "threads", "torch")}
    return {"digest": run.digest, "level": run.level, "seeds": list(run.seeds), "made": made, **found}


def write_runs(found: dict[str, Any]) -> Path:
    """Write the comparison under the machine's name; runs that were made again there before stay beside it."""
    path = FOLDER / file_name(found["device"])
    before = json.loads(path.read_text())["runs"] if path.exists() else []
    rows = {row["digest"]: row for row in (*before, *found["runs"])}
    runs = sorted(rows.values(), key=lambda row: (row["seeds"], row["level"]))
    return write_json(path, {**found, "runs": runs})
