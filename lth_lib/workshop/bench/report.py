"""A bench of a machine is one file: what was timed, turn by turn, and on what."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from lth_lib.experiments.studies import lenet
from lth_lib.results.progress import watched
from lth_lib.results.provenance import provenance, source
from lth_lib.results.store import HERE, check_writable
from lth_lib.workshop.bench.clock import Row, times_as_fast
from lth_lib.workshop.bench.memory import peaks
from lth_lib.workshop.bench.subjects import trainer
from lth_lib.workshop.bench.tables import LEVELS, tables
from lth_lib.workshop.machine_file import file_name, write_json

FOLDER = HERE / "book" / "results" / "bench"
FORMER = FOLDER / "former"
"""What was taken by kernels that are gone, so that a newer one can be compared with them."""


def bench(device: str, only: Iterable[str] = (), progress: bool = True) -> Iterator[dict[str, Any]]:
    """Take every table, or those named, on a device; yield each, as it comes, with the machine's provenance.

    The whole takes a quarter of an hour: what is written table by table is kept where the rest is cut off.
    """
    check_writable(FOLDER)
    about = provenance(device, "", 0.0)
    kept = {key: about[key] for key in ("commit", "date", "device", "python", "threads", "torch")}
    by = {"kernel": kernel(device), "source": source(), "kind": torch.device(device).type}
    machine = {**kept, **by, "cores": os.cpu_count()}
    takes: dict[str, Callable[[], Any]] = {name: partial(_rows, take) for name, take in tables(device).items()}
    if device == "cpu":
        takes["memory"] = peaks
    wanted = {name: take for name, take in takes.items() if not set(only) or name in only}
    for name, take in tqdm(wanted.items(), desc="tables", disable=not watched(progress)):
        yield {"machine": machine, "tables": {name: take()}}


def _rows(take: Callable[[], list[Row]]) -> list[dict[str, Any]]:
    return [asdict(row) for row in take()]


def kernel(device: str) -> str:
    """Return the name of the kernel that trains LeNet-300-100 on a device."""
    return trainer(lenet("quick"), (0,), device).made_with()["kernel"]


def write_tables(found: dict[str, Any]) -> Path:
    """Write tables beside those of the machine's file; tables of another source, other threads or torch do not stay."""
    machine = found["machine"]
    cores = f"-{machine['cores']}-cores" if machine["kind"] == "cpu" else ""
    path = FOLDER / file_name(machine["device"], cores)
    before = json.loads(path.read_text()) if path.exists() else {"machine": {}, "tables": {}}
    if all(before["machine"].get(name) == machine[name] for name in machine if name not in ("date", "commit")):
        found = {**found, "tables": {**before["tables"], **found["tables"]}}
    return write_json(path, found)


def read_tables(path: Path) -> tuple[dict[str, Any], dict[str, list[Row]], dict[str, float]]:
    """Return the machine, its tables of rows, and its peaks of memory in GiB."""
    found = json.loads(path.read_text())
    memory = found["tables"].pop("memory", {})
    rows = {
        name: [Row(**{**row, "seconds": tuple(row["seconds"])}) for row in table]
        for name, table in found["tables"].items()
    }
    return found["machine"], rows, memory


def low(rows: Sequence[Row]) -> dict[str, tuple[float, float, float]]:
    """Return the time of an image in bfloat16 over that of a plain float32 loop: median, lowest, highest by network."""
    named = {row.name: row for row in rows}
    networks = [name.removesuffix(", plain loop") for name in named if name.endswith(", plain loop")]
    return {
        network: times_as_fast(named[f"{network}, plain loop"], named[f"{network}, bfloat16"])
        for network in networks
        if f"{network}, bfloat16" in named
    }


def ladders(rows: Sequence[Row]) -> dict[str, tuple[float, float, float]]:
    """Return, by data set, how many times as fast a whole ladder goes as a dense plain loop: `times_as_fast`."""
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return {ours.name.partition(",")[0]: times_as_fast(ours, plain) for ours, plain in pairs}


def former_ladder(found: dict[str, list[Row]]) -> float:
    """Return the same of a bench that has not timed it: the dense network's rate, and what a step of each level takes.

    Levels that were not timed are taken to lie on the line between those that were.
    """
    ours, plain, *_ = found["others"]
    dense, *sparse = found["density"]
    share = [1.0, *(times_as_fast(dense, row)[0] for row in sparse)]
    levels = (0, *LEVELS)
    return times_as_fast(ours, plain)[0] / float(np.interp(range(levels[-1] + 1), levels, share).mean())


def lines(found: dict[str, list[Row]], memory: dict[str, float]) -> list[str]:
    """Return the tables as text, a line for each row."""
    out = []
    for name, rows in found.items():
        out.append(name)
        for row in rows:
            work = f", {row.flops / 1e9:,.0f} GFLOP/s" if row.flop else ""
            out.append(f"  {row.name:34} {row.rate:12,.1f} {row.unit}/s{work}")
        for network, (middle, least, most) in low(rows).items():
            name = f"{network}, bfloat16 over plain loop"
            out.append(f"  {name:34} {middle:12.2f} of the time ({least:.2f} to {most:.2f})")
    return out + [f"  {name:34} {peak:12.2f} GiB" for name, peak in memory.items()]
