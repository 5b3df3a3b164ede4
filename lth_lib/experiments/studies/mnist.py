"""The studies of LeNet-300-100 on MNIST."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.data import MNIST, Images, MNISTFew, MNISTSample
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import InitialValues, InputConnections, UnitWeights
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.parts import PRUNER, SERIES, Study, imp, reinitialised, shuffled
from lth_lib.experiments.studies.scales import scaled
from lth_lib.models import LeNet
from lth_lib.pruning.schedule import Geometric
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting


def lenet(scale: str) -> Setting:
    """Return LeNet-300-100 on MNIST, or a smaller one on few images of the embedded sample."""
    size = scaled(scale)
    return Setting(MNIST() if size.kept else MNISTFew(), LeNet(size.units), size.digits)


def sample() -> Run:
    """Return a dense run on the embedded sample, committed so that a test can train its beginning again."""
    return Run(Setting(MNISTSample(), LeNet(), Recipe(Adam(), Rate(1.2e-3), 60, 1_000, segment=50, test_every=100)))


REPEATS = ("reinit-1", "reinit-2", "reinit-3")
"""Each ticket of the second study is re-initialised three times, as in the paper."""

DEEPEST_OF_LATER_BLOCKS = 7
"""Early stopping varies much by seed, so dense and the level of the paper's fastest ticket have more replicates."""


def ladder(scale: str) -> Geometric:
    """Return the levels of a scale: twenty of a fifth each, as in the paper, or four halves."""
    return Geometric(scaled(scale).rate, scaled(scale).levels)


def original(scale: str) -> Study:
    """Return the paper's first experiment: iterative magnitude pruning of LeNet-300-100, and its controls.

    The first block of seeds goes through all levels, each control following its ticket; the later
    blocks go as far as level 7.
    """
    study, size = Study(SERIES), scaled(scale)
    for number, seeds in enumerate(size.blocks):
        deepest = DEEPEST_OF_LATER_BLOCKS if number else size.levels
        controlled = (DEEPEST_OF_LATER_BLOCKS,) if number else size.controlled
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
    for seeds in scaled(scale).fresh:
        runs = imp(lenet(scale), PRUNER, ladder(scale), seeds=seeds)
        study.ladder(runs)
        study.controls([runs[level] for level in scaled(scale).fresh_controlled], REPEATS)
        if seeds == scaled(scale).fresh[0]:  # some units of one block, at a middle level, are enough for a picture
            early = scaled(scale).early
            study.questions.append(UnitWeights(runs[early[len(early) // 2]]))
    return study


def one_shot(scale: str) -> Study:
    """Return tickets that are pruned once, from the dense networks of the fresh seeds, and their re-initialisations."""
    study = Study(("dense", "one-shot ticket", "re-initialised one-shot"))
    setting, rate = lenet(scale), ladder(scale).rate
    for seeds in scaled(scale).fresh:
        dense = Run(setting, seeds=seeds)
        study.add("dense", 0, dense)
        for level in scaled(scale).shot:
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
    for seeds in scaled(scale).fresh:
        dense, *tickets = imp(setting, PRUNER, ladder(scale), seeds=seeds)
        begun = [replace(tickets[level - 1], setting=fine, until=scaled(scale).until) for level in scaled(scale).early]
        study.ladder([replace(dense, setting=fine, until=scaled(scale).until), *begun])
        study.controls(begun, REPEATS)
    return study


def unit_pixels(scale: str) -> Study:
    """Return dense to level 7 with pixels in [0, 1] in place of normalised ones, and the controls."""
    setting, study = lenet(scale), Study(SERIES)
    assert isinstance(setting.data, Images)
    unscaled = replace(setting, data=replace(setting.data, pixels="unit"))
    runs = imp(unscaled, PRUNER, ladder(scale), seeds=scaled(scale).blocks[0])[: DEEPEST_OF_LATER_BLOCKS + 1]
    study.ladder(runs)
    study.controls([runs[level] for level in scaled(scale).controlled if level < len(runs)])
    return study
