"""A bench of a machine is one file: what was timed, turn by turn, and on what."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tqdm.auto import tqdm

from lth_lib.experiments.studies import lenet
from lth_lib.report.turns import Bench, Row, low
from lth_lib.results.progress import watched
from lth_lib.results.provenance import provenance, source
from lth_lib.results.store import HERE, check_writable
from lth_lib.spec import require
from lth_lib.workshop.bench.memory import peaks
from lth_lib.workshop.bench.subjects import trainer
from lth_lib.workshop.bench.tables import TABLES, tables
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


def read_tables(path: Path) -> Bench:
    """Return the bench of a file."""
    found = json.loads(path.read_text())
    memory = found["tables"].pop("memory", {})
    rows = {
        name: [Row(**{**row, "seconds": tuple(row["seconds"])}) for row in table]
        for name, table in found["tables"].items()
    }
    return Bench(found["machine"], rows, memory)


class Committed(NamedTuple):
    """The bench of the compiled kernel on this CPU, that of the kernel before it, and those of cards."""

    cpu: Bench
    former: Bench
    cards: list[Bench]


def committed() -> Committed:
    """Return the benches that the book shows; raises `SpecError` where none of the compiled kernel is whole."""
    every = [read_tables(path) for path in sorted(FOLDER.glob("*.json"))]
    former, *_ = [read_tables(path) for path in sorted(FORMER.glob("*.json"))]
    whole = [found for found in every if found.machine["kernel"] == "CompiledKernel" and _whole(found)]
    require(bool(whole), f"No bench in {FOLDER} has every table of the compiled kernel; `make bench` takes them.")
    return Committed(whole[0], former, [found for found in every if found.machine["kind"] == "cuda"])


def _whole(found: Bench) -> bool:
    """Return whether every table of a CPU was taken."""
    return {*TABLES} <= found.tables.keys() and bool(found.memory)


def lines(found: Bench) -> list[str]:
    """Return the tables as text, a line for each row."""
    out = []
    for name, rows in found.tables.items():
        out.append(name)
        for row in rows:
            work = f", {row.flops / 1e9:,.0f} GFLOP/s" if row.flop else ""
            out.append(f"  {row.name:34} {row.rate:12,.1f} {row.unit}/s{work}")
        for network, (middle, least, most) in low(rows).items():
            name = f"{network}, bfloat16 over plain loop"
            out.append(f"  {name:34} {middle:12.2f} of the time ({least:.2f} to {most:.2f})")
    return out + [f"  {name:34} {peak:12.2f} GiB" for name, peak in found.memory.items()]
