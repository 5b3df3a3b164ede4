"""What was trained is trained again, by another version of the engine or another kernel, and compared."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import torch

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import original
from lth_lib.replicates import stream
from lth_lib.results.compute import compute
from lth_lib.results.provenance import provenance, source
from lth_lib.results.store import HERE, Place, Result, Store, check_writable, committed, write_bytes
from lth_lib.spec import require
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import Setting
from lth_lib.workshop.bench.subjects import trained_by, trainer

FOLDER = HERE / "book" / "results" / "remade"
KERNELS = HERE / "book" / "results" / "kernels"
STEPS = 12_000
"""How long two kernels are compared: early stops of this network come before."""
KEPT = (1.0, 0.2)
"""The share of weights that the blocks keep in turn, at random: each is trained by one of the two compiled kernels."""
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


def fresh(first: int) -> list[tuple[int, ...]]:
    """Return forty seeds in blocks of five; from 100 on, nothing else was trained with them."""
    require(first >= 0, f"the first seed was {first}; seeds are whole numbers, 0 or more.")
    return [tuple(range(seed, seed + 5)) for seed in range(first, first + 40, 5)]


def two_kernels(setting: Setting, blocks: Sequence[tuple[int, ...]], steps: int) -> dict[str, Any]:
    """Train blocks of seeds, each from one start, by the compiled kernel and by the general one."""
    check_writable(KERNELS)
    began = time.monotonic()
    rows = [_by_both(setting, seeds, KEPT[number % len(KEPT)], steps) for number, seeds in enumerate(blocks)]
    made = provenance("cpu", setting.data.load().fingerprint, time.monotonic() - began)
    return {"device": made["device"], "made": made, "steps": steps, "blocks": rows}


def _by_both(setting: Setting, seeds: tuple[int, ...], kept: float, steps: int) -> dict[str, Any]:
    """Return early stops, and test accuracy at them, of one block by each kernel."""
    masks = {}
    for layer in setting.model.layers(setting.data.shape, setting.data.classes):
        name, shape = f"{layer.name}.weight", (len(seeds), *layer.shape)
        masks[name] = torch.from_numpy(stream(seeds[0], "kernels", name).random(shape) < kept)
    row: dict[str, Any] = {"seeds": list(seeds), "kept": kept}
    both = {
        "compiled": trainer(setting, seeds, "cpu", masks),
        "general": trained_by(LoopedKernel, setting, seeds, masks),
    }
    for name, training in both.items():
        while training.state.step < steps:
            training.advance(steps)
        _, accuracy = training.evaluate(training.state.best, training.arrays.test)
        row[name] = {"best_step": training.state.best_step.tolist(), "best_test_accuracy": accuracy.tolist()}
    return row


def write_kernels(found: dict[str, Any]) -> Path:
    """Write the comparison of two kernels under the machine's name and its first seed."""
    first = found["blocks"][0]["seeds"][0]
    return _write(KERNELS / f"{first}-{_file(found['device'])}", found)


def _file(device: str) -> str:
    return re.sub("[^a-z0-9]+", "-", device.lower()).strip("-") + ".json"


def _write(path: Path, found: dict[str, Any]) -> Path:
    write_bytes(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
    return path


def write(found: dict[str, Any]) -> Path:
    """Write the comparison under the machine's name; runs that were made again there before stay beside it."""
    path = FOLDER / _file(found["device"])
    before = json.loads(path.read_text())["runs"] if path.exists() else []
    rows = {row["digest"]: row for row in (*before, *found["runs"])}
    runs = sorted(rows.values(), key=lambda row: (row["seeds"], row["level"]))
    return _write(path, {**found, "runs": runs})
