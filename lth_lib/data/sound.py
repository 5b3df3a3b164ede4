"""What a data set has loaded is what it says: a network would train on anything."""

from __future__ import annotations

from typing import Any

import torch

from lth_lib.data.arrays import Arrays, Split
from lth_lib.data.dataset import Dataset
from lth_lib.data.task import UNASKED, Classification, NextToken
from lth_lib.spec import require

_SOUND: set[tuple[str, str]] = set()
"""The data sets that were looked at, and what they held."""


def check_arrays(data: Dataset, arrays: Arrays) -> None:
    """Raise `SpecError` unless each split holds what a data set says; what it held is looked at once."""
    name = type(data).__name__
    given: Any = arrays  # somebody's method may return anything
    require(isinstance(given, Arrays), f"{name}.load returned {type(given).__name__}; it returns Arrays.")
    if (data.digest, arrays.fingerprint) in _SOUND:
        return
    for part in ("train", "valid", "test"):
        _check(data, getattr(arrays, part), f"{name}.{part}")
    _SOUND.add((data.digest, arrays.fingerprint))


def _check(data: Dataset, split: Split, name: str) -> None:
    x, y = split.x, split.y
    tensors = all(isinstance(one, torch.Tensor) for one in (x, y))
    require(tensors, f"{name} holds {type(x).__name__} and {type(y).__name__}; it holds tensors.")
    require(len(x) == len(y) > 0, f"{name} has {len(x)} examples and {len(y)} targets; give as many, one or more.")
    shape = tuple(x.shape[1:])
    require(shape == tuple(data.shape), f"{name} has examples of shape {shape}; {data} says {tuple(data.shape)}.")
    finite = not x.is_floating_point() or bool(x.isfinite().all())
    require(finite, f"{name} has examples with numbers that are not finite; leave those examples out.")
    if isinstance(data.task, Classification | NextToken):
        _check_targets(y, UNASKED if isinstance(data.task, NextToken) else 0, data.classes, name)


def _check_targets(y: torch.Tensor, first: int, classes: int, name: str) -> None:
    least, most = int(y.min()), int(y.max())
    require(
        y.dtype == torch.int64 and first <= least and most < classes,
        f"{name} has targets {y.dtype} from {least} to {most}; those of {classes} classes are int64 from 0 to "
        f"{classes - 1}" + (f", or {UNASKED} where nothing is asked." if first else "."),
    )
