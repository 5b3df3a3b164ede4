"""Arrays that are stored are whole: of the shapes and densities that they say."""

from __future__ import annotations

import numpy as np

from lth_lib import masks as mask_rules
from lth_lib.results.store.files import read_json, read_npz
from lth_lib.results.store.places import Place, StoreError
from lth_lib.results.store.result import END_MASKS, read_masks


def check_arrays(folder: Place) -> None:
    """Raise `StoreError` unless a run's metrics are whole: a row for each evaluation, a column for each seed."""
    seeds = len(read_json(folder / "spec.json")["seeds"])
    metrics = read_npz(folder / "metrics.npz")
    rows = len(metrics["step"])
    diverged = metrics["diverged_at"] >= 0
    for name, value in metrics.items():
        if name != "step" and value.shape not in ((rows, seeds), (seeds,)):
            raise StoreError(f"{folder}: {name} has the shape {value.shape}; it must be {(rows, seeds)} or {(seeds,)}.")
        if name.startswith("valid") and np.isnan(value[:, ~diverged]).any():
            raise StoreError(f"{folder}: {name} has gaps in replicates that did not diverge.")
    for name in ("masks.npz", END_MASKS):
        # Of a run that makes its own masks, those at its end are what the metrics speak of.
        if (folder / name).exists() and (name != "masks.npz" or not (folder / END_MASKS).exists()):
            _check_masks(folder / name, metrics["density"][-1])


def _check_masks(path: Place, recorded: np.ndarray) -> None:
    measured = mask_rules.density(read_masks(path))
    if not np.allclose(measured, recorded, atol=1e-6):
        raise StoreError(f"{path}: the masks have density {measured}, the metrics say {recorded}.")


def check_answers(folder: Place) -> None:
    """Raise `StoreError` unless a measurement's values can be read and hold something."""
    if not all(value.size for value in read_npz(folder / "values.npz").values()):
        raise StoreError(f"{folder}: values.npz holds an empty array.")
