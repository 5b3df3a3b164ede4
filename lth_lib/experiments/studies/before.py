"""The studies of pruning before training: methods beside one another, and what each of them needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling, scored_on
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import LAYER_BY_LAYER, Study, at_level, reinitialised, shuffled
from lth_lib.experiments.studies.scales import scaled
from lth_lib.pruning.criteria import SNIP, GraSP, Inverted, Magnitude, Random, SynFlow
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import ERK, Global
from lth_lib.training.recipe import Setting


@dataclass(frozen=True)
class Method:
    """What prunes an untrained network, by name: a pruner, and in how many rounds."""

    name: str
    pruner: Pruner
    rounds: int = 1

    def ticket(self, begun: Run, trained: Run, level: int, rate: float) -> Run:
        """Return the training of what is left of a network at its beginning, as dense as a level."""
        return replace(trained, ticket=Ticket(at_level(begun, self.pruner, level, rate, self.rounds)))


CHANCE = (
    Method("random, layer by layer", Pruner(Random(), scope=LAYER_BY_LAYER)),
    Method("random, ERK", Pruner(Random(), scope=ERK())),
)
CHOSEN = (
    Method("magnitude at the start", Pruner(Magnitude(), scope=LAYER_BY_LAYER)),
    Method("SNIP", Pruner(SNIP(), scope=Global())),
    Method("GraSP", Pruner(GraSP(), scope=Global())),
    Method("SynFlow", Pruner(SynFlow(), scope=Global()), rounds=100),
)
"""Each with its paper's scope: sizes compete layer by layer, as in tickets, other scores with all layers together."""

BATCHES = (1, 10, 1_000, 10_000)
"""Of examples that SNIP scores on, beside its usual 100."""


def before(scale: str) -> Study:
    """Return pruning before training on MNIST, by chance and by choice, and the checks of each choice."""
    return _before(falling(digits(scale)), scale)


def before_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _before(falling(clothes(scale)), scale)


def _before(setting: Setting, scale: str) -> Study:
    size, checks = scaled(scale), [name for method in CHOSEN for name in _checks(method)]
    methods = [method.name for method in (*CHANCE, *CHOSEN)]
    study = Study(["dense", *methods, *checks, *map(_on, BATCHES)], methods)
    dense = Run(setting, seeds=size.blocks[0])
    begun = replace(dense, until=0)
    chosen = [replace(method, rounds=min(method.rounds, size.rounds)) for method in CHOSEN]
    study.add("dense", 0, dense)
    for method in (*chosen, *CHANCE):
        for level in size.compared:
            study.add(method.name, level, method.ticket(begun, dense, level, size.rate))
    for level in size.checked:
        for method in chosen:
            for name, run in zip(_checks(method), _checked(method, begun, dense, level, size.rate), strict=True):
                study.add(name, level, run)
        for batch in BATCHES:
            snip = Method(_on(batch), Pruner(SNIP(scored_on(setting, batch)), scope=Global()))
            study.add(snip.name, level, snip.ticket(begun, dense, level, size.rate))
    return study


def _checked(method: Method, begun: Run, dense: Run, level: int, rate: float) -> Iterator[Run]:
    """Yield a method's checks: its masks shuffled in each layer, its weights drawn again, its scores upside down."""
    run = method.ticket(begun, dense, level, rate)
    yield shuffled(run)
    yield reinitialised(run)
    inverted = replace(method.pruner, criterion=Inverted(method.pruner.criterion))
    yield replace(method, pruner=inverted).ticket(begun, dense, level, rate)


def _checks(method: Method) -> tuple[str, str, str]:
    return f"{method.name}, shuffled", f"{method.name}, re-initialised", f"{method.name}, inverted"


def _on(batch: int) -> str:
    return f"SNIP on {batch:,}"
