"""The studies of LeNet-300-100 on MNIST."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.data import MNIST, Images, MNISTSample
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import InitialValues, InputConnections
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.parts import PRUNER, SERIES, Study, imp, reinitialised, shuffled
from lth_lib.models import LeNet
from lth_lib.pruning.schedule import Geometric
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting


def lenet(scale: str) -> Setting:
    """Return LeNet-300-100 on MNIST: as in the paper, or on the embedded sample for some seconds."""
    if scale == "paper":
        return Setting(MNIST(), LeNet(), Recipe(Adam(), Rate(1.2e-3), batch=60, steps=50_000))
    return Setting(MNISTSample(), LeNet(), Recipe(Adam(), Rate(1.2e-3), 60, 300, segment=50, test_every=50))


def sample() -> Run:
    """Return a dense run on the embedded sample, committed so that a test can train its beginning again."""
    return Run(Setting(MNISTSample(), LeNet(), Recipe(Adam(), Rate(1.2e-3), 60, 1_000, segment=50, test_every=100)))


CONTROLLED = {"paper": (3, 7, 9, 10, 13, 15, 18), "quick": (2, 4)}
LEVELS = {"paper": 20, "quick": 4}
FRESH_CONTROLLED = {"paper": (3, 7, 9, 10, 13, 15, 18, 20), "quick": (2, 4)}
SHOT = {"paper": (3, 7, 10, 13, 15, 18, 20), "quick": (2, 4)}
EARLY = {"paper": (7, 13, 18), "quick": (2, 4)}
REPEATS = ("reinit-1", "reinit-2", "reinit-3")
"""Each ticket of the second study is re-initialised three times, as in the paper."""

SEED_BLOCKS = {"paper": ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11, 12, 13, 14)), "quick": ((0, 1, 2),)}
FRESH = {"paper": tuple(tuple(range(seed, seed + 5)) for seed in range(15, 35, 5)), "quick": ((0, 1, 2),)}
"""Twenty seeds that nothing was trained with before the rules that judge them were written."""

DEEPEST_OF_LATER_BLOCKS = 7
"""Early stopping varies much by seed, so dense and the level of the paper's fastest ticket have more replicates."""


def ladder(scale: str) -> Geometric:
    """Return the levels of a scale: twenty of a fifth each, as in the paper, or four halves."""
    return Geometric(0.2 if scale == "paper" else 0.5, LEVELS[scale])


def original(scale: str) -> Study:
    """Return the paper's first experiment: iterative magnitude pruning of LeNet-300-100, and its controls.

    The first block of seeds goes through all levels, each control following its ticket; the later
    blocks go as far as level 7.
    """
    study = Study(SERIES)
    for number, seeds in enumerate(SEED_BLOCKS[scale]):
        deepest = DEEPEST_OF_LATER_BLOCKS if number else LEVELS[scale]
        controlled = (DEEPEST_OF_LATER_BLOCKS,) if number else CONTROLLED[scale]
        for level, run in enumerate(imp(lenet(scale), PRUNER, ladder(scale), seeds=seeds)[: deepest + 1]):
            study.add("winning ticket" if level else "dense", level, run)
            if not number:
                study.questions += [InputConnections(run), InitialValues(run)]
            if level in controlled:
                study.add("re-initialised", level, reinitialised(run))
                study.add("shuffled mask", level, shuffled(run))
    return study


def fresh(scale: str) -> Study:
    """Return the first experiment again on twenty fresh seeds: all levels, and three re-initialisations a ticket."""
    study = Study(SERIES)
    for seeds in FRESH[scale]:
        runs = imp(lenet(scale), PRUNER, ladder(scale), seeds=seeds)
        study.ladder(runs)
        study.controls([runs[level] for level in FRESH_CONTROLLED[scale]], REPEATS)
    return study


def one_shot(scale: str) -> Study:
    """Return tickets that are pruned once, from the dense networks of the fresh seeds, and their re-initialisations."""
    study = Study(("dense", "one-shot ticket", "re-initialised one-shot"))
    setting, rate = lenet(scale), ladder(scale).rate
    for seeds in FRESH[scale]:
        dense = Run(setting, seeds=seeds)
        study.add("dense", 0, dense)
        for level in SHOT[scale]:
            run = replace(dense, ticket=Ticket(Pruned(dense, PRUNER, rate, rounds=level)))
            study.add("one-shot ticket", level, run)
            study.add("re-initialised one-shot", level, reinitialised(run))
    return study


def beginnings(scale: str) -> Study:
    """Return the first iterations of the fresh seeds' networks, evaluated every ten.

    The masks are those of whole trainings; a dense network, three tickets and their controls are trained.
    """
    study, setting = Study(SERIES), lenet(scale)
    fine = replace(setting, recipe=replace(setting.recipe, segment=10, test_every=10))
    until = 1_000 if scale == "paper" else 100
    for seeds in FRESH[scale]:
        dense, *tickets = imp(setting, PRUNER, ladder(scale), seeds=seeds)
        begun = [replace(tickets[level - 1], setting=fine, until=until) for level in EARLY[scale]]
        study.ladder([replace(dense, setting=fine, until=until), *begun])
        study.controls(begun, REPEATS)
    return study


def unit_pixels(scale: str) -> Study:
    """Return dense to level 7 with pixels in [0, 1] in place of normalised ones, and the controls."""
    setting, study = lenet(scale), Study(SERIES)
    assert isinstance(setting.data, Images)
    unscaled = replace(setting, data=replace(setting.data, pixels="unit"))
    runs = imp(unscaled, PRUNER, ladder(scale), seeds=SEED_BLOCKS[scale][0])[: DEEPEST_OF_LATER_BLOCKS + 1]
    study.ladder(runs)
    study.controls([runs[level] for level in CONTROLLED[scale] if level < len(runs)])
    return study
