"""A study is runs and questions, in an order in which every beginning is a smaller study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from lth_lib.data import MNIST, MNISTSample
from lth_lib.measure import InitialValues, InputConnections, Measurement
from lth_lib.models import LeNet
from lth_lib.pruner import Pruner
from lth_lib.recipe import Adam, Rate, Recipe, Setting
from lth_lib.schedule import Geometric, Schedule
from lth_lib.scope import Layerwise
from lth_lib.tickets import Final, Initial, Pruned, Run, Shuffled, Ticket

Result = TypeVar("Result")
SCALES = ("paper", "quick")
PRUNER = Pruner(scope=Layerwise((("out", 0.5),)))
"""Magnitude, single weights, layer by layer, the output layer at half the rate (Frankle & Carbin 2019)."""


def imp(
    setting: Setting, pruner: Pruner, schedule: Schedule, *, rewind: int = 0, seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> list[Run]:
    """Return iterative magnitude pruning: the dense run, then a ticket for each level of the schedule.

    Weights go back to their initial values, or to those at step `rewind` (Frankle & Carbin 2019, 2020).
    """
    weights = Final(Run(setting, until=rewind, seeds=seeds)) if rewind else Initial()
    runs = [Run(setting, seeds=seeds)]
    for rate, rounds in schedule.levels():
        ticket = Ticket(Pruned(runs[-1], pruner, rate, rounds), weights)
        runs.append(Run(setting, ticket, start=rewind, seeds=seeds))
    return runs


def reinitialised(run: Run, salt: str = "reinit-1") -> Run:
    """Return the control that keeps the ticket's masks and draws its weights again."""
    return replace(run, ticket=Ticket(run.ticket.masks, Initial(salt)), start=0)


def shuffled(run: Run, salt: str = "shuffle-1") -> Run:
    """Return the control that keeps the ticket's weights and layer densities and draws its masks again."""
    masks = run.ticket.masks
    if not isinstance(masks, Pruned):
        raise TypeError(f"Only pruned masks can be shuffled; this run's are {type(masks).__name__}.")
    return replace(run, ticket=Ticket(Shuffled(masks, salt), run.ticket.weights))


class Study:
    """Runs by series and level, in the order they are trained, and what they are asked.

    A level holds one run for each block of seeds.
    """

    def __init__(self, series: Iterable[str]) -> None:
        """Begin with no runs; the series are kept in this order."""
        self.series: dict[str, dict[int, list[Run]]] = {name: {} for name in series}
        self.runs: list[Run] = []
        self.questions: list[Measurement] = []

    def add(self, series: str, level: int, run: Run) -> None:
        """Add a run to a series and level."""
        self.series[series].setdefault(level, []).append(run)
        self.runs.append(run)

    def found(self, results: Mapping[Run, Result]) -> dict[str, dict[int, list[Result]]]:
        """Return `{series: {level: [results]}}` of the runs that have one; what has none is left out."""
        have = {
            series: {level: [results[run] for run in runs if run in results] for level, runs in levels.items()}
            for series, levels in self.series.items()
        }
        out = {series: {level: found for level, found in levels.items() if found} for series, levels in have.items()}
        if not any(out.values()):
            raise LookupError("No result of this study is stored; `make compute` makes them.")
        return out


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
BLOCKS = {"paper": ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11, 12, 13, 14)), "quick": ((0, 1, 2),)}
DEEPEST_OF_LATER_BLOCKS = 7
"""Early stopping varies much by seed, so dense and the level of the paper's fastest ticket have more replicates."""


def original(scale: str) -> Study:
    """Return the paper's first experiment: iterative magnitude pruning of LeNet-300-100, and its controls.

    The first block of seeds goes through all levels, each control following its ticket; the later
    blocks go as far as level 7.
    """
    study = Study(("dense", "winning ticket", "re-initialised", "shuffled mask"))
    schedule = Geometric(0.2 if scale == "paper" else 0.5, LEVELS[scale])
    for number, seeds in enumerate(BLOCKS[scale]):
        deepest = DEEPEST_OF_LATER_BLOCKS if number else LEVELS[scale]
        controlled = (DEEPEST_OF_LATER_BLOCKS,) if number else CONTROLLED[scale]
        for level, run in enumerate(imp(lenet(scale), PRUNER, schedule, seeds=seeds)[: deepest + 1]):
            study.add("winning ticket" if level else "dense", level, run)
            if not number:
                study.questions += [InputConnections(run), InitialValues(run)]
            if level in controlled:
                study.add("re-initialised", level, reinitialised(run))
                study.add("shuffled mask", level, shuffled(run))
    return study
