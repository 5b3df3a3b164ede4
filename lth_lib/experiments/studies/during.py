"""The studies of pruning during training: masks that shrink, that move, and that are learned."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.experiments.masks import Kept
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import Study, at_level, density_at, layer_density_at, reinitialised
from lth_lib.experiments.studies.scales import scaled
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.dynamics import SET, Dynamics, Gradual, RigL
from lth_lib.pruning.forward import Movement
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import ERK, Global
from lth_lib.training.recipe import Setting

STATIC, MOVING = "static, ERK", {"SET": SET, "RigL": RigL}
GRADUAL, TICKET, AGAIN, MOVEMENT = "gradual", "RigL's mask", "RigL's mask, re-initialised", "Movement"
REPLACEMENTS = 150
"""How often masks are replaced, until three quarters of training, as in RigL's paper; gradually, from a fifth on."""
LEAST = 25
"""So many iterations at least lie between two replacements, where training is short."""


def during(scale: str) -> Study:
    """Return pruning during training on MNIST, a static control, and whether RigL's mask is a ticket."""
    return _during(falling(digits(scale)), scale)


def during_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _during(falling(clothes(scale)), scale)


def _during(setting: Setting, scale: str) -> Study:
    methods, size = (STATIC, GRADUAL, *MOVING, MOVEMENT), scaled(scale)
    study = Study(("dense", *methods, TICKET, AGAIN), methods)
    dense = Run(setting, seeds=size.blocks[0])
    study.add("dense", 0, dense)
    for level in size.compared:
        density = density_at(dense, level, size.rate)
        masks = at_level(replace(dense, until=0), Pruner(Random(), scope=ERK()), level, size.rate)
        static = replace(dense, ticket=Ticket(masks))
        study.add(STATIC, level, static)
        study.add(GRADUAL, level, thinned(dense, density))
        for name in MOVING:
            study.add(name, level, moved(static, name))
        ticket = replace(dense, ticket=Ticket(Kept(moved(static, "RigL"))))
        study.add(TICKET, level, ticket)
        study.add(AGAIN, level, reinitialised(ticket))
    for level in size.compared:  # last, since a step of it takes many times as long
        own = tuple((layer.name, layer_density_at(layer, level, size.rate)) for layer in setting.layers)
        learned = replace(setting.recipe, forward=Movement(density_at(dense, level, size.rate), own))
        study.add(MOVEMENT, level, replace(dense, setting=replace(setting, recipe=learned)))
    return study


def thinned(dense: Run, density: float) -> Run:
    """Return a dense run that is thinned to a density while it trains, from a fifth of it on."""
    every, until = _replaced(dense)
    together = Pruner(scope=Global())  # it meets the density, and may spare the small output layer
    return _by(dense, Gradual(every, until, density, dense.setting.recipe.steps // 5, together))


def moved(static: Run, name: str) -> Run:
    """Return a sparse run whose masks move while it trains, by one of `MOVING`."""
    return _by(static, MOVING[name](*_replaced(static)))


def _replaced(run: Run) -> tuple[int, int]:
    """Return how often masks of a run are replaced, and until when, in iterations."""
    last = run.setting.recipe.steps * 3 // 4
    every = max(LEAST, last // REPLACEMENTS)
    return every, last // every * every


def _by(run: Run, dynamics: Dynamics) -> Run:
    """Return a run whose masks are replaced."""
    return replace(run, setting=replace(run.setting, recipe=replace(run.setting.recipe, dynamics=dynamics)))
