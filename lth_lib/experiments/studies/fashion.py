"""The studies of LeNet-300-100 on Fashion-MNIST: clothes are harder than digits, and half of their pixels are lit."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.data import FashionMNIST, FashionMNISTSample
from lth_lib.experiments.studies.mnist import FRESH_CONTROLLED, SEED_BLOCKS, ladder, lenet
from lth_lib.experiments.studies.parts import PRUNER, SERIES, Study, imp
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.training.recipe import Setting

GLOBALLY = Pruner(scope=Global())
"""Magnitude, single weights, all layers together: what layer-wise pruning is compared with."""


def clothes(scale: str) -> Setting:
    """Return LeNet-300-100 on Fashion-MNIST: MNIST's recipe for 20,000 iterations, or on the sample for seconds."""
    digits = lenet(scale)
    if scale == "paper":
        return replace(digits, data=FashionMNIST(), recipe=replace(digits.recipe, steps=20_000))
    return replace(digits, data=FashionMNISTSample())


def fashion(scale: str) -> Study:
    """Return the first experiment on Fashion-MNIST, pruned layer by layer, and its controls."""
    study = Study(SERIES)
    runs = imp(clothes(scale), PRUNER, ladder(scale), seeds=SEED_BLOCKS[scale][0])
    study.ladder(runs)
    study.controls([runs[level] for level in FRESH_CONTROLLED[scale]])
    return study


def fashion_global(scale: str) -> Study:
    """Return the same chain with the weights of all layers competing together."""
    study = Study(SERIES)
    study.ladder(imp(clothes(scale), GLOBALLY, ladder(scale), seeds=SEED_BLOCKS[scale][0]))
    return study
