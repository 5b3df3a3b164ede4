"""The studies of LeNet-300-100 on Fashion-MNIST: clothes are harder than digits, and half of their pixels are lit."""

from __future__ import annotations

from lth_lib.data import FashionMNIST, FashionMNISTFew
from lth_lib.experiments.studies.mnist import ladder
from lth_lib.experiments.studies.parts import PRUNER, SERIES, Study, imp
from lth_lib.experiments.studies.scales import scaled
from lth_lib.models import LeNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.training.recipe import Setting

GLOBALLY = Pruner(scope=Global())
"""Magnitude, single weights, all layers together: what layer-wise pruning is compared with."""


def clothes(scale: str) -> Setting:
    """Return LeNet-300-100 on Fashion-MNIST, or a smaller one on few images: MNIST's recipe, shorter."""
    size = scaled(scale)
    return Setting(FashionMNIST() if size.kept else FashionMNISTFew(), LeNet(size.units), size.clothes)


def fashion(scale: str) -> Study:
    """Return the first experiment on Fashion-MNIST, pruned layer by layer, and its controls."""
    study = Study(SERIES)
    runs = imp(clothes(scale), PRUNER, ladder(scale), seeds=scaled(scale).blocks[0])
    study.ladder(runs)
    study.controls([runs[level] for level in scaled(scale).fresh_controlled])
    return study


def fashion_global(scale: str) -> Study:
    """Return the same chain with the weights of all layers competing together."""
    study = Study(SERIES)
    study.ladder(imp(clothes(scale), GLOBALLY, ladder(scale), seeds=scaled(scale).blocks[0]))
    return study
