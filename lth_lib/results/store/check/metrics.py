"""The metrics of a run have the names, shapes, steps and ranges of what its recipe measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lth_lib.results.store.check.masks import LAYER, layers_of

Arrays = Mapping[str, np.ndarray]

BY_STEP = ("density", *(f"{split}_{name}" for split in ("train", "valid", "test") for name in ("loss", "accuracy")))
"""What a run's metrics hold of each evaluation and replicate, [S, R]."""

ONCE = (
    "best_step",
    "diverged_at",
    *(f"{when}_{of}_accuracy" for when in ("best", "final") for of in ("train", "test")),
)
"""What they hold of each replicate, [R]."""

TOP = ("top_step", "top_train_accuracy", "top_test_accuracy")
"""What newer ones hold of each replicate too, [R], all of it or none."""

SOME = (*TOP, "last_replaced")
"""What not all of them hold, [R]."""

INTEGER = ("step", "best_step", "top_step", "diverged_at", "last_replaced")


def named(metrics: Arrays, weights: set[str] | None) -> Iterator[str]:
    """Say what lacks, what is too much, and which layers are not those of the network, where that is known."""
    required = ("step", *BY_STEP, *ONCE, *(TOP if any(name in metrics for name in TOP) else ()))
    if lacking := [name for name in required if name not in metrics]:
        yield f"metrics.npz lacks {', '.join(lacking)}"
    if strange := [name for name in metrics if name not in (*required, *SOME) and not name.startswith(LAYER)]:
        yield f"metrics.npz holds {', '.join(strange)}, which nothing measures"
    layers = layers_of(metrics).keys()
    if not layers or (weights is not None and layers != weights):
        yield f"metrics.npz has densities of the layers {sorted(layers)}, the network has {sorted(weights or ())}"


def shaped(metrics: Arrays, seeds: int) -> Iterator[str]:
    """Say what has another shape, or is no number."""
    rows = metrics["step"].size
    shapes = {"step": (rows,)} | dict.fromkeys(BY_STEP, (rows, seeds))
    for name, value in metrics.items():
        allowed = shapes.get(name, (seeds,))
        if value.shape != allowed:
            yield f"{name} has the shape {value.shape}; it must be {allowed}"
        if value.dtype.kind not in ("iu" if name in INTEGER else "fiu"):
            yield f"{name} holds {value.dtype}, which are no such numbers"


def stepped(spec: dict[str, Any], metrics: Arrays) -> Iterator[str]:
    """Say what is not at a step of the run: it is evaluated at its start, at the end of each segment and at its end."""
    recipe, start = spec["setting"]["recipe"], spec["start"]
    stop = recipe["steps"] if spec["until"] is None else spec["until"]
    due = sorted({start, stop, *(step for step in range(0, stop, recipe["segment"]) if step > start)})
    if metrics["step"].tolist() != due:
        yield f"step has {metrics['step'].size} steps that are not the {len(due)} from {start} to {stop} of its recipe"
    for name in ("best_step", "top_step"):
        if name in metrics and not np.isin(metrics[name], due).all():
            yield f"{name} is {metrics[name].tolist()}, where nothing was evaluated"
    if not all(at == -1 or start <= at <= stop for at in metrics["diverged_at"].tolist()):
        yield f"diverged_at is {metrics['diverged_at'].tolist()}; it is -1 or a step from {start} to {stop}"


def gaps(test_every: int, metrics: Arrays) -> Iterator[str]:
    """Say where a replicate has no finite number before it diverged: the loss on the test images alone may be none."""
    alive, due = _alive(metrics), _due(test_every, metrics["step"])
    for name, value in metrics.items():
        rows = due[name.partition("_")[0]][:, None] & alive if name in BY_STEP and name != "density" else None
        asked = value[rows] if rows is not None else value[..., alive[-1]] if name != "step" else value
        if name != "test_loss" and not np.isfinite(asked).all():
            yield f"{name} has gaps or infinite numbers in replicates that did not diverge"


def _due(test_every: int, step: np.ndarray) -> dict[str, np.ndarray]:
    """Return of each split at which evaluations it has numbers, bool [S]."""
    tested = (step % test_every == 0) | (step == step[0]) | (step == step[-1])
    return {"valid": np.ones_like(tested), "test": tested, "train": step > step[0]}


def _alive(metrics: Arrays) -> np.ndarray:
    """Return which replicates had not diverged at each evaluation, bool [S, R]."""
    gone = metrics["diverged_at"]
    return (gone < 0) | (metrics["step"][:, None] < gone)


def afterwards(metrics: Arrays) -> Iterator[str]:
    """Say where a replicate has numbers though it had diverged."""
    alive = _alive(metrics)
    for name, value in metrics.items():
        gone = value[~alive] if name in BY_STEP and name != "density" else np.empty(0)
        gone = value[~alive[-1]] if name.startswith("final_") else gone
        if np.isfinite(gone).any():
            yield f"{name} has numbers of replicates that had diverged"


def ranged(metrics: Arrays, known: bool) -> Iterator[str]:
    """Say which share is none, and which loss is below zero: of a task that is known it is a cross-entropy."""
    for name, value in metrics.items():
        share = name.endswith(("accuracy", "density")) or name.startswith(LAYER)
        if share and bool(((value < 0) | (value > 1)).any()):
            yield f"{name} goes from {np.nanmin(value):g} to {np.nanmax(value):g}; it must lie between 0 and 1"
        if known and name.endswith("_loss") and bool((value < 0).any()):
            yield f"{name} goes down to {np.nanmin(value):g}; a loss is 0 or more"


def dense(spec: dict[str, Any], metrics: Arrays, remasks: bool, sizes: Mapping[str, int]) -> Iterator[str]:
    """Say where densities are not those of one another, or of a run whose masks stay, or keep all, as they do."""
    layers, density = layers_of(metrics), metrics["density"]
    if sizes:
        whole = np.sum([layers[name] * size for name, size in sizes.items()], axis=0) / sum(sizes.values())
        if not np.allclose(whole, density[-1], rtol=0, atol=1e-6):
            yield f"the layers have density {whole} together, the metrics say {density[-1]}"
    if not remasks and np.ptp(density, axis=0).max() > 1e-6:
        yield f"density goes from {density.min():g} to {density.max():g}, though its masks stay as they are"
    if not remasks and spec["ticket"]["masks"]["class"] == "Dense" and min(v.min() for v in layers.values()) < 1:
        yield "a layer has a density below 1, though its masks keep every weight"
