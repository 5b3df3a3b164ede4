"""What a run descends from: weights that were made again are compared with the stored result of their run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Finished, Run
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.results.store import Result, Store, read_json, read_masks
from lth_lib.spec import read

EQUAL, UNKNOWN = "equal", "unknown"
COMPARED = {
    "points_at_early_stop": ("best_test_accuracy", 100),
    "points_at_the_last_step": ("final_test_accuracy", 100),
    "steps_of_early_stop": ("best_step", 1),
}
"""What is said of weights made again, less the stored result: by name, the metric and its factor."""


def compared(stored: Result, own: Tree, store: Store, finished: Finished) -> str | dict[str, Any]:
    """Say how the training whose weights are used, of these metrics, differs from the stored result of its run.

    It is "equal" where every metric of both has the same bits, "unknown" where weights came without metrics. Else it
    is the differences of each replicate, and in how many places masks that are stored differ from those that these
    weights give, by the run that holds them.
    """
    if not own:
        return UNKNOWN
    metrics = {name: value.numpy() for name, value in own.items()}
    if all(_same_bits(stored.metrics[name], metrics[name]) for name in stored.metrics.keys() & own.keys()):
        return EQUAL
    out: dict[str, Any] = {name: _difference(stored, metrics, *how) for name, how in COMPARED.items()}
    return out | {"mask_places": dict(_places(stored.run, store, finished))}


def _same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


def _difference(stored: Result, own: dict[str, np.ndarray], metric: str, factor: int) -> list[float | None]:
    """Return own less stored, [R]; None where a replicate diverged."""
    change = (own[metric].astype(np.float64) - stored.metrics[metric]) * factor
    return [round(x, 6) if np.isfinite(x) else None for x in change.tolist()]


def _places(run: Run, store: Store, finished: Finished) -> Iterator[tuple[str, list[int]]]:
    """Yield, for each result that holds masks pruned from a run, in how many places the run's weights give others."""
    if run.ticket.masks.parents() and store.find_masks(run.ticket.masks) is None:
        return  # it would take its ancestors' weights to make the run's own masks
    for digest, holder in sorted(store.holders().items()):
        spec = _pruned_from(run, store, holder)
        if spec is not None and spec.digest == digest:
            held = read_masks(store.results / "runs" / holder / "masks.npz")
            yield holder, _differing(spec.make(run, finished), held)


def _pruned_from(run: Run, store: Store, holder: str) -> Pruned | None:
    """Return the masks that a result holds if they are pruned from a run by what the library has."""
    with suppress(Exception):  # `verify` names what cannot be read
        masks = read_json(store.results / "runs" / holder / "spec.json")["ticket"]["masks"]
        if masks["class"] == Pruned.__name__ and masks["run"]["digest"] == run.digest:
            return Pruned(run, read(masks["pruner"]), masks["rate"], masks["rounds"], masks.get("density"))
    return None


def _differing(one: Masks, other: Masks) -> list[int]:
    """Return in how many places masks differ, [R]."""
    counts = [(one[name].cpu() != other[name]).flatten(1).sum(1) for name in other]
    return np.sum([count.numpy() for count in counts], axis=0).tolist()
