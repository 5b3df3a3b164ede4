"""The answer of a measurement is what its class says that it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lth_lib.experiments.measure import Measurement
from lth_lib.results.store.check.known import question_of
from lth_lib.results.store.files import ADVICE, read_json, read_npz
from lth_lib.results.store.places import Place, StoreError

Arrays = dict[str, np.ndarray]


def check_answer(folder: Place, holders: Mapping[str, str]) -> None:
    """Raise `StoreError` unless a measurement's values have the names, shapes and ranges that its class says.

    Of a class, or of runs, that are not known here, they are numbers, a row for each replicate.
    """
    spec, values = read_json(folder / "spec.json"), read_npz(folder / "values.npz")
    runs = folder.parent.parent / "runs"
    stored = [runs / digest for digest in _asked(spec) if (runs / digest / "spec.json").exists()]
    seeds = {len(read_json(run / "spec.json")["seeds"]) for run in stored}
    for said in _faults(values, seeds, question_of(spec, runs), stored):
        raise StoreError(f"{folder}: values.npz {said}; {ADVICE}.")


def _asked(data: Any) -> Iterator[str]:
    """Yield the digests of the runs that a measurement's spec names."""
    if isinstance(data, dict) and data.keys() == {"class", "digest"}:
        yield data["digest"]
    elif isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _asked(item)


def _faults(values: Arrays, seeds: set[int], question: Measurement | None, stored: list[Place]) -> Iterator[str]:
    """Yield in words what is wrong; what comes later takes it that what came before is right."""
    if not values or not all(value.size and value.dtype.kind in "fiu" for value in values.values()):
        yield "holds an empty array, or none, or no numbers"
    rows = {value.shape[:1] for value in values.values()}
    if len(rows | {(count,) for count in seeds}) > 1:
        yield f"has {sorted(rows)} rows, of {sorted(seeds)} replicates"
    if question is not None:
        yield from _unlike(values, question)
        yield from _not_finite(values, _diverged(stored))


def _unlike(values: Arrays, question: Measurement) -> Iterator[str]:
    """Say what has another name, shape or range than the measurement's class says."""
    found = question.finds()
    if values.keys() != found.keys():
        yield f"holds {sorted(values)}; {type(question).__name__} finds {sorted(found)}"
    for name, said in found.items():
        value = values[name]
        if value.shape[1:] != said.shape:
            yield f"has {name} of shape {value.shape}; behind the replicates it is {said.shape}"
        if bool(((value < said.least) | (value > said.most)).any()):
            yield (
                f"has {name} from {np.nanmin(value):g} to {np.nanmax(value):g}; it lies between {said.least:g} and "
                f"{said.most:g}"
            )


def _diverged(stored: list[Place]) -> np.ndarray:
    """Return which replicates diverged in a run that was asked, bool [R]."""
    return np.any([read_npz(run / "metrics.npz")["diverged_at"] >= 0 for run in stored], axis=0)


def _not_finite(values: Arrays, gone: np.ndarray) -> Iterator[str]:
    """Say where a number lacks, or stands for a replicate that diverged."""
    for name, value in values.items():
        if not np.isfinite(value[~gone]).all():
            yield f"has gaps in {name} of replicates that did not diverge"
        if np.isfinite(value[gone]).any():
            yield f"has {name} of replicates that diverged"
