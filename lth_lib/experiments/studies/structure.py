"""The studies of whole units: which of them go, and whether the small network that is left needed them to be found."""

from __future__ import annotations

import math
from dataclasses import replace

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


def units_left(layers: tuple[Layer, ...], rate: float, scope: Layerwise = HALVED) -> dict[str, int]:
    """Return how many units each hidden layer keeps: of whole units never more weights go than the rate allows."""
    kept = {}
    for layer in layers[:-1]:
        count, factors = math.prod(layer.shape), dict(scope.factors)
        own = rate * factors.get(layer.name, factors.get(layer.kind, 1.0))
        kept[layer.name] = math.ceil((count - math.floor(own * count + 0.5)) * layer.shape[0] / count)
    return kept


def rate_of_units(layers: tuple[Layer, ...], density: float, scope: Layerwise = HALVED) -> float:
    """Return the rate of units of a chain of layers that leaves a density once what reads them is gone too."""
    whole = sum(math.prod(layer.shape) for layer in layers)

    def off(rate: float) -> float:
        kept = units_left(layers, rate, scope)
        share = {layer.name: kept[layer.name] / layer.shape[0] for layer in layers[:-1]}
        left = (math.prod(x.shape) * share.get(x.name, 1.0) * share.get(x.reads, 1.0) for x in layers)
        return abs(sum(left) / whole - density)

    most = max(layer.shape[0] for layer in layers)
    return min((gone / most for gone in range(1, most)), key=off)
