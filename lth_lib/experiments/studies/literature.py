"""The literature's methods, each as a run of one network: all are a ticket and a recipe."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.studies.compared import tuned
from lth_lib.experiments.studies.parts import reinitialised
from lth_lib.experiments.weights import Constant, Final, Signed, left_by
from lth_lib.pruning.criteria import (
    OBD,
    OBS,
    SNIP,
    GeometricMedian,
    GraSP,
    Magnitude,
    Random,
    Slimming,
    SparseGPT,
    SynFlow,
    Taylor,
    Wanda,
)
from lth_lib.pruning.dynamics import SET, Gradual, RigL
from lth_lib.pruning.forward import SRSTE, Movement, Popup
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.penalty import Scales, Unseen
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import ERK, Global, Neighbours, PerOutput


def literature(dense: Run, density: float, batch: int = 1_000) -> dict[str, Run]:
    """Return, by the name of its paper, how each leaves about so much of a network, `dense` as it is trained whole.

    It is half where a pattern says so. The network has batch norm, which one of them scores by; those that look at what
    layers read see a batch.
    """
    with warnings.catch_warnings(action="ignore"):  # of layers that a pattern does not divide: they stay dense
        return (
            _before(dense, density) | _during(dense, density) | _after(dense, density, batch) | _tickets(dense, density)
        )


def _before(dense: Run, density: float) -> dict[str, Run]:
    """Return the training of what is kept of an untrained network."""
    begun = replace(dense, until=0)
    pruners = {
        "SNIP (Lee et al. 2019)": (Pruner(SNIP(), scope=Global()), 1),
        "GraSP (Wang et al. 2020)": (Pruner(GraSP(), scope=Global()), 1),
        "SynFlow (Tanaka et al. 2020)": (Pruner(SynFlow(), scope=Global()), 100),
        "Erdos-Renyi-kernel (Evci et al. 2020)": (Pruner(Random(), scope=ERK()), 1),
    }
    return {
        name: replace(dense, ticket=Ticket(Pruned(begun, pruner, density=density, rounds=rounds)))
        for name, (pruner, rounds) in pruners.items()
    }


def _during(dense: Run, density: float) -> dict[str, Run]:
    """Return trainings that end with masks of their own."""
    steps = dense.setting.recipe.steps
    every = max(1, steps // 20)
    until = steps * 3 // 4 // every * every
    sparse = Ticket(Pruned(replace(dense, until=0), Pruner(Random(), scope=ERK()), density=density))
    return {
        "Gradual pruning (Zhu & Gupta 2017)": _by(dense, dynamics=Gradual(every, until, density)),
        "SET (Mocanu et al. 2018)": _by(replace(dense, ticket=sparse), dynamics=SET(every, until)),
        "RigL (Evci et al. 2020)": _by(replace(dense, ticket=sparse), dynamics=RigL(every, until)),
        "Movement (Sanh et al. 2020)": _by(dense, forward=Movement(density)),
        "Edge-popup (Ramanujan et al. 2020)": _by(dense, forward=Popup(density)),
        "SR-STE (Zhou et al. 2021)": _by(dense, forward=SRSTE(min(3, max(1, round(4 * density))), 4), penalty=Unseen()),
    }


def _after(dense: Run, density: float, batch: int) -> dict[str, Run]:
    """Return what is trained on once the trained network has been pruned."""
    pruners = {
        "Optimal Brain Damage (LeCun et al. 1990)": Pruner(OBD(batch), scope=Global()),
        "Optimal Brain Surgeon (Dong et al. 2017)": Pruner(OBS(batch)),
        "Magnitude (Han et al. 2015)": Pruner(Magnitude()),
        "Filters by size (Li et al. 2017)": Pruner(Magnitude(), Unit()),
        "Filters by Taylor (Molchanov et al. 2019)": Pruner(Taylor(), Unit(mean=False)),
        "Filters by geometric median (He et al. 2019)": Pruner(GeometricMedian(), Unit()),
        "SparseGPT (Frantar & Alistarh 2023)": Pruner(SparseGPT(batch)),
        "Wanda (Sun et al. 2024)": Pruner(Wanda(batch), scope=PerOutput()),
    }
    slim = Pruned(_by(dense, penalty=Scales()), Pruner(Slimming(), Unit(), Global()), 1 - density)
    pattern = Pruned(dense, Pruner(Magnitude(), scope=Neighbours(4)), 1 / 2)
    on = {name: _tuned(dense, Pruned(dense, pruner, 1 - density)) for name, pruner in pruners.items()}
    return on | {
        "Network slimming (Liu et al. 2017)": _tuned(dense, slim),
        "2:4 (Mishra et al. 2021)": _tuned(dense, pattern),
    }


def _tickets(dense: Run, density: float) -> dict[str, Run]:
    """Return what goes back to earlier values, and its controls."""
    masks, early = Pruned(dense, Pruner(), 1 - density), dense.setting.recipe.steps // 20
    ticket = replace(dense, ticket=Ticket(masks, Initial()))
    return {
        "Winning ticket (Frankle & Carbin 2019)": ticket,
        "Re-initialised (Frankle & Carbin 2019)": reinitialised(ticket),
        "Late rewinding (Frankle et al. 2020)": replace(
            dense, ticket=Ticket(masks, Final(replace(dense, until=early))), start=early
        ),
        "Learning-rate rewinding (Renda et al. 2020)": replace(dense, ticket=Ticket(masks, Final(dense))),
        "Signs alone (Zhou et al. 2019)": replace(dense, ticket=Ticket(masks, Signed(Initial(), Constant()))),
    }


def _by(run: Run, **fields: Any) -> Run:
    """Return a run by another recipe."""
    return replace(run, setting=replace(run.setting, recipe=replace(run.setting.recipe, **fields)))


def _tuned(dense: Run, masks: Pruned) -> Run:
    """Return a fine-tuned run, from the weights that the pruner leaves."""
    return replace(dense, setting=tuned(dense.setting), ticket=Ticket(masks, left_by(masks)))
