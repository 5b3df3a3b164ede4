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
from lth_lib.pruning.criteria import OBD, OBS, Criterion, Magnitude, Random, SparseGPT, Taylor, Wanda
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Layerwise
from lth_lib.training.recipe import Setting

KEPT, TRAINED_ON = "kept", "fine-tuned"
TIMES = (1, 2, 4)
"""So many times the share of the other layers is left to the last one, where all are pruned: a rule of thumb's test."""


def criteria(examples: int) -> dict[str, Criterion]:
    """Return what scores the weights of a layer, by name."""
    return {
        "random": Random(),
        "magnitude": Magnitude(),
        "Taylor": Taylor(examples),
        "OBD": OBD(examples),
        "Wanda": Wanda(),
        "SparseGPT": SparseGPT(),
        "OBS": OBS(),
    }


def sensitivity(scale: str) -> Study:
    """Return networks on MNIST of which one layer is pruned to some percent of it: these are the study's levels."""
    return _sensitivity(falling(digits(scale)), scale)


def sensitivity_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _sensitivity(falling(clothes(scale)), scale)


def together(times: int, way: str) -> str:
    """Return the name of a series of which all layers are pruned by magnitude, the last so many times less."""
    return f"magnitude, all, out x{times}, {way}"


def _sensitivity(setting: Setting, scale: str) -> Study:
    size, layers, chosen = scaled(scale), [layer.name for layer in setting.layers], criteria(scored_on(setting))
    names = [f"{name}, {layer}, {way}" for name in chosen for layer in layers for way in (KEPT, TRAINED_ON)]
    rule = [together(times, way) for times in TIMES for way in (KEPT, TRAINED_ON)]
    study = Study(["dense", *names, *rule])
    dense = Run(setting, seeds=size.blocks[0])
    study.add("dense", 0, dense)
    for percent in size.spared:
        for layer in layers:
            alone = Layerwise(tuple((other, float(other == layer)) for other in layers))
            for name, criterion in chosen.items():
                masks = Pruned(dense, Pruner(criterion, scope=alone), rate=1 - percent / 100)
                _both(study, f"{name}, {layer}, {{}}", percent, dense, masks)
    for percent in size.spared:
        for times in TIMES:
            last = min(1.0, times * percent / 100)
            scope = Layerwise(((layers[-1], (1 - last) / (1 - percent / 100)),))
            masks = Pruned(dense, Pruner(scope=scope), rate=1 - percent / 100)
            _both(study, together(times, "{}"), percent, dense, masks)
    return study


def _both(study: Study, series: str, percent: int, dense: Run, masks: Pruned) -> None:
    """Add a pruned network as it is, and after a little training; the series has a place for which."""
    ticket = Ticket(masks, left_by(masks))
    study.add(series.format(KEPT), percent, replace(dense, ticket=ticket, until=0))
    study.add(series.format(TRAINED_ON), percent, Run(briefly(dense.setting), ticket, seeds=dense.seeds))
