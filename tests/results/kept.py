"""A run that is stored without having been trained, and what may be done to its files."""

from __future__ import annotations

import json

import numpy as np
import tiny
from tiny import ABOUT, SEEDS, setting

from lth_lib import masks as mask_rules
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp
from lth_lib.masks import Masks
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import store as rules
from lth_lib.results.store import SUMS, Place, Store, file_digest
from lth_lib.results.store.files import to_npz

DENSE, TICKET = imp(setting(), Pruner(), Geometric(0.5, 1), seeds=SEEDS)


def metrics(density: np.ndarray | float = 1.0, layers: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
    """Return metrics as a run of the tiny setting has them, which is evaluated five times."""
    shares = np.linspace(0, 1, 15, dtype=np.float32).reshape(5, 3)
    by_step = {f"{split}_{what}": shares for split in ("train", "valid", "test") for what in ("loss", "accuracy")}
    once = {f"{when}_{split}_accuracy": np.ones(3) for when in ("best", "final") for split in ("train", "test")}
    kept = layers or dict.fromkeys(("fc1.weight", "fc2.weight", "out.weight"), np.broadcast_to(density, 3).copy())
    by_layer = {f"layer_density/{name}": share for name, share in kept.items()}
    steps = {"step": np.arange(0, 50, 10), "diverged_at": np.full(3, -1), "best_step": np.zeros(3, np.int64)}
    return steps | by_step | once | by_layer | {"density": np.broadcast_to(density, (5, 3)).copy()}


def of_masks(masks: Masks) -> dict[str, np.ndarray]:
    """Return metrics of a run that has these masks."""
    return metrics(mask_rules.density(masks), mask_rules.layer_density(masks))


def some_masks(rate: float = 0.5) -> Masks:
    return tiny.random_masks(setting(), rate)


def write(store: Store, run: Run = TICKET) -> Place:
    """Store a ticket with its masks; return its folder."""
    masks = some_masks()
    store.write(run, of_masks(masks), masks, ABOUT)
    return store.folder(run)


def rehash(folder: Place) -> None:
    """Record the hashes of what is there now, as one would who wants it to pass."""
    (folder / SUMS).unlink()
    (folder / SUMS).write_text(json.dumps({path.name: file_digest(path) for path in folder.iterdir()}))


def change(folder: Place, **changed: np.ndarray) -> None:
    """Write the metrics again with some of them changed."""
    (folder / "metrics.npz").write_bytes(to_npz(rules.read_npz(folder / "metrics.npz") | changed))


def put(folder: Place, masks: Masks) -> None:
    """Write other masks."""
    (folder / "masks.npz").write_bytes(to_npz(mask_rules.pack(masks)))


def truncate(path: Place) -> None:
    path.write_bytes(path.read_bytes()[:-20])
