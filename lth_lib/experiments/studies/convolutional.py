"""The study of Conv-2 on CIFAR-10."""

from __future__ import annotations

from lth_lib.data import CIFAR10, CIFAR10Few
from lth_lib.experiments.studies.parts import SERIES, Study, imp
from lth_lib.experiments.studies.scales import scaled
from lth_lib.models import Conv
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Selected
from lth_lib.pruning.scope import Layerwise
from lth_lib.training.recipe import Setting

KINDS = Layerwise((("conv", 0.5), ("out", 0.5)))
BY_KIND = Pruner(scope=KINDS)
"""Convolutions and the output layer lose half the rate of the fully connected layers (Frankle & Carbin 2019)."""


def conv2(scale: str) -> Setting:
    """Return Conv-2 on CIFAR-10 (variant jpeg75), or on the sample of it: the paper's recipe, shorter, in bfloat16."""
    size = scaled(scale)
    return Setting(
        CIFAR10("jpeg75") if size.kept else CIFAR10Few(), Conv(1, size.hidden, size.filters), size.photographs
    )


def convolutional(scale: str) -> Study:
    """Return iterative pruning of Conv-2, trained at a third of the paper's levels, and re-initialised tickets.

    The levels keep the paper's numbers: between two of them the network is pruned several times at once.
    """
    study, size = Study(SERIES[:3]), scaled(scale)
    schedule = Selected(size.rate, size.conv)
    runs = imp(conv2(scale), BY_KIND, schedule, seeds=(0, 1, 2))
    study.ladder(runs)
    study.controls([run for run in runs if run.level in size.conv_controlled], shuffle=False)
    return study
