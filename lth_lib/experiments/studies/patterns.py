"""The studies of N of M: what a pattern for hardware costs, beside free choice at the same density."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling, tuned
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import Study
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.weights import Final
from lth_lib.models import Layer
from lth_lib.pruning.forward import SRSTE
from lth_lib.pruning.penalty import Unseen
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Layerwise, Neighbours
from lth_lib.training.recipe import Setting

PATTERNS = ((2, 4), (1, 4), (4, 8), (2, 8))
"""So many of each so many consecutive inputs stay; what they do not divide stays dense."""

KEPT, TRAINED_ON, FREE, THROUGHOUT = "kept", "fine-tuned", "free", "SR-STE"


def patterns(scale: str) -> Study:
    """Return networks on MNIST pruned to patterns, once or throughout training, and freely to the same densities."""
    with warnings.catch_warnings(action="ignore"):  # of layers that stay dense: the study knows them
        return _patterns(falling(digits(scale)), scale)


def patterns_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    with warnings.catch_warnings(action="ignore"):
        return _patterns(falling(clothes(scale)), scale)


def named(keep: int, of: int) -> str:
    """Return the name of a pattern."""
    return f"{keep}:{of}"


def _patterns(setting: Setting, scale: str) -> Study:
    own = [f"{named(*pattern)}, {way}" for pattern in PATTERNS for way in (KEPT, TRAINED_ON)]
    free_own = [f"{name}, {FREE}" for name in own]
    throughout = [f"{named(*pattern)}, {THROUGHOUT}" for pattern in PATTERNS]
    methods = [*own, *free_own, *throughout]
    study = Study(["dense", *methods], methods)
    dense = Run(setting, seeds=scaled(scale).blocks[0])
    study.add("dense", 0, dense)
    for keep, of in PATTERNS:
        name, rate = named(keep, of), 1 - keep / of
        for free, scope in (("", Neighbours(of)), (f", {FREE}", divided(setting.layers, of))):
            ticket = Ticket(Pruned(dense, Pruner(scope=scope), rate), Final(dense))
            study.add(f"{name}, {KEPT}{free}", 1, replace(dense, ticket=ticket, until=0))
            study.add(f"{name}, {TRAINED_ON}{free}", 1, Run(tuned(setting), ticket, seeds=dense.seeds))
    for keep, of in PATTERNS:  # last, since a step of it takes many times as long
        learned = replace(setting.recipe, forward=SRSTE(keep, of), penalty=Unseen())
        study.add(f"{named(keep, of)}, {THROUGHOUT}", 1, replace(dense, setting=replace(setting, recipe=learned)))
    return study


def divided(layers: tuple[Layer, ...], of: int) -> Layerwise:
    """Return the scope that prunes the layers which a pattern of so many inputs does, and leaves the others whole."""
    whole = [layer.name for layer in layers if math.prod(layer.shape[1:2]) % of]
    return Layerwise(tuple((name, 0.0) for name in whole))
