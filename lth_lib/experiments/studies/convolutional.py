"""The study of Conv-2 on CIFAR-10."""

from __future__ import annotations

from lth_lib.data import CIFAR10, CIFAR10Sample
from lth_lib.experiments.studies.parts import SERIES, Study, imp
from lth_lib.models import Conv
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Selected
from lth_lib.pruning.scope import Layerwise
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting

BY_KIND = Pruner(scope=Layerwise((("conv", 0.5), ("out", 0.5))))
"""Convolutions and the output layer lose half the rate of the fully connected layers (Frankle & Carbin 2019)."""

TRAINED = {"paper": (2, 4, 7, 9, 11, 14, 17), "quick": (2, 4)}
REINITIALISED = {"paper": (4, 9, 14, 17), "quick": (4,)}


def conv2(scale: str) -> Setting:
    """Return Conv-2 on CIFAR-10 (variant jpeg75): the paper's recipe, a fifth as long and in bfloat16."""
    if scale == "paper":
        recipe = Recipe(Adam(), Rate(2e-4), batch=60, steps=4_000, test_every=200, precision="bfloat16")
        return Setting(CIFAR10("jpeg75"), Conv(1), recipe)
    recipe = Recipe(Adam(), Rate(1e-3), batch=20, steps=40, segment=10, test_every=20, precision="bfloat16")
    return Setting(CIFAR10Sample(), Conv(1, (32,)), recipe)


def convolutional(scale: str) -> Study:
    """Return iterative pruning of Conv-2, trained at a third of the paper's levels, and re-initialised tickets.

    The levels keep the paper's numbers: between two of them the network is pruned several times at once.
    """
    study = Study(SERIES[:3])
    schedule = Selected(0.2 if scale == "paper" else 0.5, TRAINED[scale])
    runs = imp(conv2(scale), BY_KIND, schedule, seeds=(0, 1, 2))
    study.ladder(runs)
    study.controls([run for run in runs if run.level in REINITIALISED[scale]], shuffle=False)
    return study
