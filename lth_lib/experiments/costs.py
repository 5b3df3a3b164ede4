"""What the network costs that a run has left: bytes to keep it, operations to use it, and what of it is for nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lth_lib.experiments.run import Run
from lth_lib.models import products

NO_PATH = "no path"
"""What is said to have collapsed where no layer is empty and yet no path leads from an input to an output."""

WORD = 4
"""Bytes of a float32, and of the int32 that a compressed row keeps for each of its weights and where it begins."""


def sizes(run: Run, share: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the bytes [R] of the weights in three formats, from the `share` of each layer that is kept, [R] each.

    Float32 each, biases and batch norm apart: all of them; a bit for each weight and those that are kept; or, by
    rows (a unit's or a filter's weights), those that are kept, a column for each, and where each row begins.
    """
    each = [_sizes(shape, kept) for shape, kept in _kept(run, share).values()]
    return {f"bytes_{name}": np.sum([one[name] for one in each], axis=0) for name in (each[0] if each else ())}


def _kept(run: Run, share: Mapping[str, np.ndarray]) -> dict[str, tuple[tuple[int, ...], np.ndarray]]:
    """Return by name the shape of the weights of each layer, and how many of them are kept, [R]."""
    return {
        name: (shape, np.rint(share[name] * math.prod(shape)).astype(np.int64))
        for name, shape in _weights(run).items()
        if name in share
    }


def _weights(run: Run) -> dict[str, tuple[int, ...]]:
    """Return the shape of the weights of each layer that has some, by their name."""
    return {f"{layer.name}.weight": layer.shape for layer in run.layers if layer.weighted}


def _sizes(shape: tuple[int, ...], kept: np.ndarray) -> dict[str, np.ndarray]:
    """Return the bytes [R] of one layer's weights in each format."""
    count, rows = math.prod(shape), shape[0]
    return {
        "dense": np.full_like(kept, WORD * count),
        "bitmap": WORD * kept + math.ceil(count / 8),
        "csr": 2 * WORD * kept + WORD * (rows + 1),
    }


def flops(run: Run, share: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the operations [R] of a forward pass of one example by the kept weights: a product and its sum are two.

    NaN where it is not known how often the network multiplies by them.
    """
    kept, times = _kept(run, share), _times(run)
    known = bool(kept) and all(name in times for name in kept)
    each = [times[name] * count for name, (_, count) in kept.items()] if known else []
    return 2.0 * np.sum(each, axis=0) if known else np.full(len(run.seeds), np.nan)


def flops_smaller(run: Run, weights: np.ndarray, each: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the operations [R] of a forward pass by so many `weights` [R], of a smaller network that is left.

    Where it is known how many are of `each` layer, [R] by name, these count. Where it is not, NaN unless every weight
    is used once in a pass: then it does not matter which layers they are of.
    """
    times = _times(run)
    if each and all(name in times for name in each):
        return np.where(np.isnan(weights), np.nan, 2.0 * np.sum([times[name] * own for name, own in each.items()], 0))
    once = bool(times) and all(count == 1 for count in times.values())
    return 2.0 * weights if once else np.full(len(run.seeds), np.nan)


def _times(run: Run) -> Mapping[str, int]:
    """Return how often a network multiplies by each weight of a layer, by its name; nothing where it is not known."""
    data = run.setting.data
    try:
        return products(run.setting.model, data.shape, data.classes)
    except Exception:  # a network of one's own may do anything, and the table has other columns
        return {}


def layer_densities(share: Mapping[str, np.ndarray]) -> list[str]:
    """Return for each replicate what each layer keeps, from the `share` of each, [R]: `fc1 0.05; fc2 0.06; out 0.3`."""
    names = [name.removesuffix(".weight") for name in share]
    rows = zip(*share.values(), strict=True)
    return ["; ".join(f"{name} {kept:.4g}" for name, kept in zip(names, row, strict=True)) for row in rows]


def on_paths(run: Run, share: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return what is on paths at a run's end, dead or collapsed, from what `Connected` has `found`, NaN if nothing."""
    unknown = np.full(len(run.seeds), np.nan)
    empty = [[name.removesuffix(".weight") for name in share if share[name][row] == 0] for row in range(len(run.seeds))]
    effective = found.get("effective_density", unknown)
    collapsed = [own[0] if own else NO_PATH if none else "" for own, none in zip(empty, effective == 0, strict=True)]
    whole = np.array([not name for name in collapsed])
    smaller = np.where(whole, WORD * found.get("weights_left", unknown), np.nan)
    left = {name: found[name] for name in _weights(run) if name in found}
    formats = [*sizes(run, share).values(), smaller]
    return {
        "effective_density": effective,
        "dead_units": found.get("dead_units", unknown),
        "dead_inputs": found.get("dead_inputs", unknown),
        "collapsed": collapsed,
        "bytes_smaller": smaller,
        "flops_smaller": flops_smaller(run, smaller / WORD, left),
        "bytes_best": np.fmin.reduce(formats) if len(formats) > 1 else unknown,
    }
