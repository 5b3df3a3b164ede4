"""Evaluation is a function of a setting, weights, masks and a split; nothing is trained, and no state is needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from lth_lib.data import Arrays, Split, normalise
from lth_lib.masks import Masks
from lth_lib.replicates import Tree, one_by_one
from lth_lib.spec import require
from lth_lib.training import machine
from lth_lib.training.kernels.kernel import AT_ONCE
from lth_lib.training.kernels.one import One
from lth_lib.training.recipe import Setting

SPLITS = ("train", "valid", "test")


def evaluate(
    setting: Setting, weights: tuple[Tree, Tree], masks: Masks, split: str = "test"
) -> tuple[np.ndarray, np.ndarray]:
    """Return loss and accuracy [R] of parameters and statistics on a whole split of a setting's data.

    It is done in the recipe's precision, one replicate after the other, so that each one's bits are its own.
    """
    require(split in SPLITS, f"split was {split!r}; it is one of {SPLITS}.")
    arrays, factors = _ready(setting, weights, masks)
    images = getattr(arrays, split)
    one = One(setting)

    def sums(params: Tree, masks: Tree, statistics: Tree) -> torch.Tensor:
        found = [one.sums(params, masks, statistics, x, y) for x, y in _parts(images, arrays)]
        return torch.stack(found).double().sum(0)

    with torch.no_grad():
        loss, accuracy = (one_by_one(sums)(weights[0], factors, weights[1]).T / len(images.y)).cpu().numpy()
    return loss, accuracy


def recomputed_statistics(setting: Setting, weights: tuple[Tree, Tree], masks: Masks) -> Tree:
    """Return batch-norm statistics [R, ...] made anew: the mean of those of each part of the training images."""
    arrays, factors = _ready(setting, weights, masks)
    one, total = One(setting), len(arrays.train.y)

    def measured(params: Tree, masks: Tree, statistics: Tree) -> Tree:
        shares = [(one.measured(params, masks, statistics, x), len(y) / total) for x, y in _parts(arrays.train, arrays)]
        return {name: torch.stack([found[name] * share for found, share in shares]).sum(0) for name in statistics}

    with torch.no_grad():
        return one_by_one(measured)(weights[0], factors, weights[1])


def _ready(setting: Setting, weights: tuple[Tree, Tree], masks: Masks) -> tuple[Arrays, Tree]:
    """Prepare the device of the weights; return the data there, and the masks as 0 and 1."""
    device = next(iter(weights[0].values())).device
    machine.prepare(device)
    return setting.data.load(str(device)), {name: mask.to(weights[0][name].dtype) for name, mask in masks.items()}


def _parts(split: Split, arrays: Arrays) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield the images of a split, normalised, and their labels, a part after the other."""
    parts = zip(split.x.split(AT_ONCE), split.y.split(AT_ONCE), strict=True)
    return ((normalise(x, arrays), y) for x, y in parts)
