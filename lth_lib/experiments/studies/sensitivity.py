"""The studies of single layers: how much each can spare, by every criterion, before and after a little training."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.compared import briefly, digits, falling, scored_on
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import Study
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.weights import left_by
from lth_lib.pruning.criteria import OBD, OBS, Criterion, Magnitude, Random, Taylor, Wanda
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Layerwise
from lth_lib.training.recipe import Setting

KEPT, TRAINED_ON = "kept", "fine-tuned"


def criteria(examples: int) -> dict[str, Criterion]:
    """Return what scores the weights of a layer, by name."""
    return {
        "random": Random(),
        "magnitude": Magnitude(),
        "Taylor": Taylor(examples),
        "OBD": OBD(examples),
        "Wanda": Wanda(),
        "OBS": OBS(),
    }


def sensitivity(scale: str) -> Study:
    """Return networks on MNIST of which one layer is pruned to some percent of it: these are the study's levels."""
    return _sensitivity(falling(digits(scale)), scale)


def sensitivity_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _sensitivity(falling(clothes(scale)), scale)


def _sensitivity(setting: Setting, scale: str) -> Study:
    size, layers, chosen = scaled(scale), [layer.name for layer in setting.layers], criteria(scored_on(setting))
    names = [f"{name}, {layer}, {way}" for name in chosen for layer in layers for way in (KEPT, TRAINED_ON)]
    study = Study(["dense", *names])
    dense = Run(setting, seeds=size.blocks[0])
    study.add("dense", 0, dense)
    for percent in size.spared:
        for layer in layers:
            alone = Layerwise(tuple((other, float(other == layer)) for other in layers))
            for name, criterion in chosen.items():
                masks = Pruned(dense, Pruner(criterion, scope=alone), rate=1 - percent / 100)
                ticket = Ticket(masks, left_by(masks))
                study.add(f"{name}, {layer}, {KEPT}", percent, replace(dense, ticket=ticket, until=0))
                study.add(f"{name}, {layer}, {TRAINED_ON}", percent, Run(briefly(setting), ticket, seeds=dense.seeds))
    return study
