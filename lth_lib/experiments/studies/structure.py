"""The studies of whole units: which of them go, and whether the small network that is left needed them to be found."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling, scored_on, tuned
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import Study, density_at
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.weights import Final, FromScratch
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Criterion, GeometricMedian, Magnitude, Random, Squared, Taylor
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Layerwise
from lth_lib.training.recipe import Setting

HALVED = Layerwise((("fc2", 0.5),))
"""The second layer loses half the rate: at the same rate it would be left with two units before ten classes."""

KEPT, TRAINED_ON, RESET, SCRATCH = "kept", "fine-tuned", "reset", "from scratch"


def criteria(examples: int) -> dict[str, Criterion]:
    """Return what scores a unit, by name, as the mean over its weights: of sizes its l1 norm, of squares the l2."""
    return {
        "random": Random(),
        "magnitude": Magnitude(),
        "squares": Squared(),
        "Taylor": Taylor(examples),
        "geometric median": GeometricMedian(),
    }


def structure(scale: str) -> Study:
    """Return networks on MNIST that lose whole units: fine-tuned, reset, and trained from scratch."""
    return _structure(falling(digits(scale)), scale)


def structure_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _structure(falling(clothes(scale)), scale)


def _structure(setting: Setting, scale: str) -> Study:
    size, chosen = scaled(scale), criteria(scored_on(setting))
    ways = (KEPT, TRAINED_ON, RESET, SCRATCH)
    names = [f"{name}, {way}" for name in chosen for way in ways]
    study = Study(["dense", *names], names)
    dense = Run(setting, seeds=size.blocks[0])
    study.add("dense", 0, dense)
    for level in size.compared:
        rate = rate_of_units(setting.layers, density_at(dense, level, size.rate))
        for name, criterion in chosen.items():
            masks = Pruned(dense, Pruner(criterion, Unit(), HALVED), rate)
            found = Ticket(masks, Final(dense))
            reset = replace(dense, ticket=Ticket(masks, Initial()))
            study.add(f"{name}, {KEPT}", level, replace(dense, ticket=found, until=0))
            study.add(f"{name}, {TRAINED_ON}", level, Run(tuned(setting), found, seeds=dense.seeds))
            study.add(f"{name}, {RESET}", level, reset)
            scratch = Ticket(masks, FromScratch())
            study.add(f"{name}, {SCRATCH}", level, replace(dense, ticket=scratch))
    return study


def units_left(layers: tuple[Layer, ...], rate: float) -> list[int]:
    """Return how many units each hidden layer keeps: of whole units never more weights go than the rate allows."""
    kept = []
    for layer in layers[:-1]:
        count = math.prod(layer.shape)
        left = count - math.floor(rate * dict(HALVED.factors).get(layer.name, 1.0) * count + 0.5)
        kept.append(math.ceil(left / layer.shape[1]))
    return kept


def rate_of_units(layers: tuple[Layer, ...], density: float) -> float:
    """Return the rate of units of a fully connected network that leaves a density once their columns are gone too."""
    inputs, classes = layers[0].shape[1], layers[-1].shape[0]
    whole = _weights([inputs, *(layer.shape[0] for layer in layers)])

    def off(rate: float) -> float:
        return abs(_weights([inputs, *units_left(layers, rate), classes]) / whole - density)

    return min((gone / layers[0].shape[0] for gone in range(1, layers[0].shape[0])), key=off)


def _weights(widths: list[int]) -> int:
    """Return how many weights a fully connected network of such widths has."""
    return sum(a * b for a, b in pairwise(widths))
