"""What is stored of a run fits its spec: names, shapes, steps, ranges, and the densities of its masks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.results.store.files import ADVICE, read_json, read_npz
from lth_lib.results.store.places import Place, StoreError
from lth_lib.results.store.result import END_MASKS, read_masks
from lth_lib.spec import canonical, read

Arrays = Mapping[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]

BY_STEP = ("density", *(f"{split}_{name}" for split in ("train", "valid", "test") for name in ("loss", "accuracy")))
"""What a run's metrics hold of each evaluation and replicate, [S, R]."""

ONCE = (
    "best_step",
    "diverged_at",
    *(f"{when}_{of}_accuracy" for when in ("best", "final") for of in ("train", "test")),
)
"""What they hold of each replicate, [R]."""

LAYER = "layer_density/"


def check_run(folder: Place) -> None:
    """Raise `StoreError` unless a run's metrics and masks are what its spec says, as far as that can be known."""
    spec, metrics = read_json(folder / "spec.json"), read_npz(folder / "metrics.npz")
    held = {name: read_masks(folder / name) for name in ("masks.npz", END_MASKS) if (folder / name).exists()}
    for said in _faults(spec, metrics, held):
        raise StoreError(f"{folder}: {said}; {ADVICE}.")


def check_answer(folder: Place) -> None:
    """Raise `StoreError` unless a measurement's values are numbers, a row for each replicate of the run it asks."""
    values = read_npz(folder / "values.npz")
    rows = {value.shape[:1] for value in values.values()}
    if not rows or not all(value.size and value.dtype.kind in "fiu" for value in values.values()):
        raise StoreError(f"{folder}: values.npz holds an empty array, or none, or no numbers; {ADVICE}.")
    asked = [
        one["digest"] for one in read_json(folder / "spec.json").values() if isinstance(one, dict) and "digest" in one
    ]
    stored = [folder.parent.parent / "runs" / digest / "spec.json" for digest in asked]
    seeds = {(len(read_json(path)["seeds"]),) for path in stored if path.exists()}
    if len(rows | seeds) > 1:
        raise StoreError(f"{folder}: values.npz has {sorted(rows)} rows, of {sorted(seeds)} replicates; {ADVICE}.")


def check_provenance(folder: Place) -> None:
    """Raise `StoreError` unless a result's provenance can be read, and the seconds in it are some."""
    seconds = read_json(folder / "provenance.json").get("seconds", 0.0)
    if not (isinstance(seconds, int | float) and 0 <= seconds < math.inf):
        raise StoreError(f"{folder}: provenance.json says that it took {seconds} seconds; {ADVICE}.")


def _faults(spec: dict[str, Any], metrics: Arrays, held: dict[str, Masks]) -> Iterator[str]:
    """Yield in words what is wrong; what comes later takes it that what came before is right."""
    seeds, network = len(spec["seeds"]), _network(spec["setting"])
    yield from _named(metrics, network)
    yield from _shaped(metrics, seeds)
    yield from _stepped(spec, metrics)
    yield from _gaps(spec["setting"]["recipe"]["test_every"], metrics)
    yield from _ranged(metrics)
    for masks in held.values():
        yield from _masked(masks, seeds, network or {})
    # Of a run that makes its own masks, those at its end are what the metrics speak of.
    if held and (END_MASKS in held or not _remasks(spec["setting"]["recipe"])):
        yield from _dense([*held.values()][-1], metrics)


def _remasks(recipe: dict[str, Any]) -> bool:
    """Say whether a training may end with other masks than it began with; a forward of one's own may."""
    return "dynamics" in recipe or recipe["forward"]["class"] != "Masked"


def _network(setting: dict[str, Any]) -> Shapes | None:
    """Return the shape of each weight of a run's network; None where the library does not know its classes as then."""
    with suppress(LookupError, TypeError, ValueError):
        known = read(setting)
        if canonical(known) == setting:
            return {f"{layer.name}.weight": layer.shape for layer in known.layers if layer.weighted}
    return None


def _named(metrics: Arrays, network: Shapes | None) -> Iterator[str]:
    lacking = [name for name in ("step", *BY_STEP, *ONCE) if name not in metrics]
    if lacking:
        yield f"metrics.npz lacks {', '.join(lacking)}"
    layers = {name.removeprefix(LAYER) for name in metrics if name.startswith(LAYER)}
    if not layers or (network is not None and layers != network.keys()):
        yield f"metrics.npz has densities of the layers {sorted(layers)}, the network has {sorted(network or ())}"


def _shaped(metrics: Arrays, seeds: int) -> Iterator[str]:
    rows = metrics["step"].size
    shapes = {"step": ((rows,),)} | dict.fromkeys(BY_STEP, ((rows, seeds),)) | dict.fromkeys(ONCE, ((seeds,),))
    for name, value in metrics.items():
        allowed = shapes.get(name, ((rows, seeds), (seeds,)))
        if value.shape not in allowed:
            yield f"{name} has the shape {value.shape}; it must be {' or '.join(map(str, allowed))}"
        if value.dtype.kind not in ("iu" if name.endswith("step") or name == "diverged_at" else "fiu"):
            yield f"{name} holds {value.dtype}, which are no such numbers"


def _stepped(spec: dict[str, Any], metrics: Arrays) -> Iterator[str]:
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


def _gaps(test_every: int, metrics: Arrays) -> Iterator[str]:
    """Say where a replicate that did not diverge has no number: the loss on the test images alone may be none."""
    step, alive = metrics["step"], metrics["diverged_at"] < 0
    tested = (step % test_every == 0) | (step == step[0]) | (step == step[-1])
    rows = {"valid": np.ones_like(tested), "test": tested, "train": step > step[0]}
    for name, value in metrics.items():
        due = value[rows[name.partition("_")[0]]] if name in BY_STEP and name != "density" else value
        if name != "test_loss" and name != "step" and np.isnan(due[..., alive]).any():
            yield f"{name} has gaps in replicates that did not diverge"


def _ranged(metrics: Arrays) -> Iterator[str]:
    for name, value in metrics.items():
        share = name.endswith(("accuracy", "density")) or name.startswith(LAYER)
        if share and bool(((value < 0) | (value > 1)).any()):
            yield f"{name} goes from {np.nanmin(value):g} to {np.nanmax(value):g}; it must lie between 0 and 1"


def _masked(masks: Masks, seeds: int, network: Shapes) -> Iterator[str]:
    for name, mask in masks.items():
        wanted = (seeds, *network.get(name, mask.shape[1:]))
        if mask.shape != wanted:
            yield f"the mask of {name} has the shape {tuple(mask.shape)}; the network's weights have {wanted}"


def _dense(masks: Masks, metrics: Arrays) -> Iterator[str]:
    """Say where masks keep another share than the metrics have."""
    masks = mask_rules.of_weights(masks)
    layers = {name.removeprefix(LAYER): value for name, value in metrics.items() if name.startswith(LAYER)}
    if masks.keys() != layers.keys():
        yield f"the masks are of {sorted(masks)}, the metrics have the densities of {sorted(layers)}"
    for name, measured in mask_rules.layer_density(masks).items():
        if not np.allclose(measured, layers[name], rtol=0, atol=1e-9):
            yield f"the mask of {name} has density {measured}, the metrics say {layers[name]}"
    sizes = {name: mask[0].numel() for name, mask in masks.items()}
    whole = np.sum([layers[name] * size for name, size in sizes.items()], axis=0) / sum(sizes.values())
    if not np.allclose(whole, metrics["density"][-1], rtol=0, atol=1e-6):
        yield f"the masks have density {whole}, the metrics say {metrics['density'][-1]}"
