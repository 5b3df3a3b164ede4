"""The study of network slimming: units go by the scale of the batch norm behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import NormScales
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling, tuned
from lth_lib.experiments.studies.parts import Study, density_at
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.studies.structure import HALVED, KEPT, SCRATCH, TRAINED_ON, rate_of_units
from lth_lib.experiments.weights import Final, FromScratch
from lth_lib.models import LeNet
from lth_lib.pruning.criteria import Criterion, Magnitude, Random, Slimming
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.penalty import Scales
from lth_lib.pruning.pruner import Pruner
from lth_lib.training.recipe import Setting

PENALISED = "dense, penalised"


@dataclass(frozen=True)
class Choice:
    """What scores the units of a network that was trained with the penalty, or of one that was trained without."""

    name: str
    criterion: Criterion
    penalised: bool = False


CHOICES = (
    Choice("random", Random()),
    Choice("magnitude", Magnitude()),
    Choice("scale", Slimming()),
    Choice("scale, penalised", Slimming(), penalised=True),
)


def slimming(scale: str) -> Study:
    """Return networks with batch norm on MNIST that lose whole units, by size, by scale, and by scale penalised."""
    size, plain = scaled(scale), normed(falling(digits(scale)))
    recipe = replace(plain.recipe, penalty=Scales())
    names = [f"{choice.name}, {way}" for choice in CHOICES for way in (KEPT, TRAINED_ON, SCRATCH)]
    study = Study(["dense", PENALISED, *names])
    dense = Run(plain, seeds=size.blocks[0])
    penalised = replace(dense, setting=replace(plain, recipe=recipe))
    study.add("dense", 0, dense)
    study.add(PENALISED, 0, penalised)
    study.questions += [NormScales(dense), NormScales(penalised)]
    for level in size.compared:
        rate = rate_of_units(plain.layers, density_at(dense, level, size.rate))
        for choice in CHOICES:
            of = penalised if choice.penalised else dense
            masks = Pruned(of, Pruner(choice.criterion, Unit(), HALVED), rate)
            found = Ticket(masks, Final(of))
            # The penalty has done its work: what is trained on, or from scratch, is without it, as in the paper.
            study.add(f"{choice.name}, {KEPT}", level, replace(of, ticket=found, until=0))
            study.add(f"{choice.name}, {TRAINED_ON}", level, Run(tuned(plain), found, seeds=dense.seeds))
            study.add(f"{choice.name}, {SCRATCH}", level, replace(dense, ticket=Ticket(masks, FromScratch())))
    return study


def normed(setting: Setting) -> Setting:
    """Return a setting whose network has batch norm."""
    assert isinstance(setting.model, LeNet)
    return replace(setting, model=replace(setting.model, norm=True))
