"""The study of methods on photographs: Conv-2, at two of its levels, by what LeNet on small pictures leaves open."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.studies.compared import falling, scored_on, tuned
from lth_lib.experiments.studies.convolutional import BY_KIND, KINDS, conv2
from lth_lib.experiments.studies.during import moved, thinned
from lth_lib.experiments.studies.parts import Study, density_at, reinitialised
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.studies.structure import rate_of_units
from lth_lib.experiments.weights import Final, FromScratch, left_by
from lth_lib.models import Conv
from lth_lib.pruning.criteria import SNIP, GeometricMedian, Magnitude, Random, SynFlow, Taylor, Wanda
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import ERK, Global, Layerwise, PerOutput
from lth_lib.training.recipe import Setting

BEFORE = {
    "random, ERK": (Pruner(Random(), scope=ERK()), 1),
    "SNIP": (Pruner(SNIP(), scope=Global()), 1),
    "SynFlow": (Pruner(SynFlow(), scope=Global()), 100),
}
"""Pruners of the untrained network, and in how many rounds."""

EVENLY = Layerwise(())
"""All layers lose the same share of their units."""

FILTERS = {"filters by size": Magnitude(), "filters by geometric median": GeometricMedian()}
TICKET, AGAIN, SCRATCH = "one-shot ticket", "one-shot ticket, re-initialised", "filters by size, from scratch"


def photographs(scale: str) -> Study:
    """Return a dozen methods on Conv-2, those first that take a fifth of the steps."""
    return _methods(conv2(scale), scale)


def photographs_narrow(scale: str) -> Study:
    """Return the same with a quarter of the filters, in float32: for processors that do not compute in bfloat16."""
    wide, size = conv2(scale), scaled(scale)
    model = Conv(1, size.hidden, min(size.filters, 16))
    return _methods(replace(wide, model=model, recipe=replace(wide.recipe, precision="float32")), scale)


def _methods(begun: Setting, scale: str) -> Study:
    """Return the methods on one network."""
    setting, size = falling(begun), scaled(scale)
    after = {
        "magnitude, fine-tuned": BY_KIND,
        "Taylor, fine-tuned": Pruner(Taylor(scored_on(setting, 1_000)), scope=Global()),
        "Wanda, fine-tuned": Pruner(Wanda(), scope=PerOutput()),
    }
    filters = [f"{name}, fine-tuned" for name in FILTERS]
    methods = [*BEFORE, "gradual", "RigL", TICKET, *after, *filters, SCRATCH]
    study = Study(["dense", *methods, AGAIN], methods)
    dense = Run(setting, seeds=(0, 1, 2))
    study.add("dense", 0, dense)
    for level in size.conv_compared:
        density = density_at(dense, level, size.rate, KINDS)
        found = Pruned(dense, BY_KIND, size.rate, rounds=level)
        for name, pruner in after.items():
            masks = found if pruner == BY_KIND else Pruned(dense, pruner, density=density)
            study.add(name, level, Run(tuned(setting), Ticket(masks, left_by(masks)), seeds=dense.seeds))
        ticket = replace(dense, ticket=Ticket(found, Initial()))
        study.add(TICKET, level, ticket)
        study.add(AGAIN, level, reinitialised(ticket))
        _filters(study, dense, level, density)
        _sparse_from_the_start(study, dense, level, density)
    return study


def _filters(study: Study, dense: Run, level: int, density: float) -> None:
    """Add networks that lose whole filters and units, fine-tuned, and one of them from scratch."""
    rate = rate_of_units(dense.layers, density, EVENLY)
    for name, criterion in FILTERS.items():
        masks = Pruned(dense, Pruner(criterion, Unit(), EVENLY), rate)
        found = Ticket(masks, Final(dense))
        study.add(f"{name}, fine-tuned", level, Run(tuned(dense.setting), found, seeds=dense.seeds))
        if name in SCRATCH:
            study.add(SCRATCH, level, replace(dense, ticket=Ticket(masks, FromScratch())))


def _sparse_from_the_start(study: Study, dense: Run, level: int, density: float) -> None:
    """Add networks that are pruned before training, or while they train."""
    begun = replace(dense, until=0)
    for name, (pruner, rounds) in BEFORE.items():
        run = replace(dense, ticket=Ticket(Pruned(begun, pruner, density=density, rounds=rounds)))
        study.add(name, level, run)
        if pruner.scope == ERK():
            study.add("RigL", level, moved(run, "RigL"))
    study.add("gradual", level, thinned(dense, density))
