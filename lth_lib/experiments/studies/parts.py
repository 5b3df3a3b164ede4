"""What studies are made of: iterative magnitude pruning, its controls, and runs by series and level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

import torch

from lth_lib.experiments.masks import Kept, Pruned, Shuffled
from lth_lib.experiments.measure import Connected, Measurement
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.weights import Final
from lth_lib.models import Layer
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Schedule
from lth_lib.pruning.scope import Layerwise, left_of
from lth_lib.spec import SpecError, refuse, require, shown
from lth_lib.training.recipe import Setting

Found = TypeVar("Found")
SERIES = ("dense", "winning ticket", "re-initialised", "shuffled mask")
LAYER_BY_LAYER = Layerwise((("out", 0.5),))
PRUNER = Pruner(scope=LAYER_BY_LAYER)
"""Magnitude, single weights, layer by layer, the output layer at half the rate (Frankle & Carbin 2019)."""


def imp(
    setting: Setting, pruner: Pruner, schedule: Schedule, *, rewind: int = 0, seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> list[Run]:
    """Return iterative magnitude pruning: the dense run, then a ticket for each level of the schedule.

    Weights go back to their initial values, or to those at step `rewind` (Frankle & Carbin 2019, 2020).
    """
    require(
        isinstance(schedule, Schedule),
        f"schedule was {shown(schedule)}; it says what goes at each level, such as Geometric(0.2, 5).",
    )
    weights = Final(Run(setting, until=rewind, seeds=seeds)) if rewind else Initial()
    runs = [Run(setting, seeds=seeds)]
    for rate, rounds in schedule.levels():
        ticket = Ticket(Pruned(runs[-1], pruner, rate, rounds), weights)
        runs.append(Run(setting, ticket, start=rewind, seeds=seeds))
    return runs


def at_level(run: Run, pruner: Pruner, level: int, rate: float, rounds: int = 1) -> Pruned:
    """Return the masks of a run that another pruner leaves, with as many weights as `PRUNER` at a level.

    Layer by layer they have its layer densities too, scored anew in as many rounds; else the density of the whole is
    met in `rounds`, but for what a scope that divides layers rounds in each part.
    """
    if pruner.scope == LAYER_BY_LAYER:
        return Pruned(run, pruner, rate, rounds=level)
    return Pruned(run, pruner, density=density_at(run, level, rate), rounds=rounds)


def next_level(run: Run, pruner: Pruner, level: int, rate: float) -> Pruned:
    """Return the masks of a level when those of the one before are a run's: one step of a chain."""
    if pruner.scope == LAYER_BY_LAYER:
        return Pruned(run, pruner, rate)
    return Pruned(run, pruner, density=density_at(run, level, rate))


def density_at(run: Run, level: int, rate: float, scope: Layerwise = LAYER_BY_LAYER) -> float:
    """Return what is left of a run's network once a scope has taken a rate of the survivors so many times."""
    sizes = {layer: math.prod(layer.shape) for layer in run.layers if layer.weighted}
    left = sum(round(layer_density_at(layer, level, rate, scope) * size) for layer, size in sizes.items())
    return left / sum(sizes.values())


def layer_density_at(layer: Layer, level: int, rate: float, scope: Layerwise = LAYER_BY_LAYER) -> float:
    """Return what is left of one layer's weights once a scope has taken a rate of the survivors so many times."""
    factors, size = dict(scope.factors), math.prod(layer.shape)
    left = torch.tensor(size)
    for _ in range(level):
        left = left_of(left, rate * factors.get(layer.name, factors.get(layer.kind, 1.0)))
    return int(left) / size


def reinitialised(run: Run, salt: str = "reinit-1") -> Run:
    """Return the control that keeps the ticket's masks and draws its weights again."""
    return replace(run, ticket=Ticket(run.ticket.masks, Initial(salt)), start=0)


def shuffled(run: Run, salt: str = "shuffle-1") -> Run:
    """Return the control that keeps the ticket's weights and layer densities and draws its masks again."""
    masks = run.ticket.masks
    if not isinstance(masks, Pruned | Kept):
        refuse(f"A run whose masks are {type(masks).__name__} was to be shuffled; give a run of Pruned or Kept masks.")
    return replace(run, ticket=Ticket(Shuffled(masks, salt), run.ticket.weights))


class Study:
    """Runs by series and level, in the order they are trained, and what they are asked.

    A level holds one run for each block of seeds. Some of the series are `methods`, which are compared across studies;
    the others are what these are compared with, and checks of them.
    """

    def __init__(self, series: Iterable[str], methods: Iterable[str] = ()) -> None:
        """Begin with no runs; the series are kept in this order."""
        self.series: dict[str, dict[int, list[Run]]] = {name: {} for name in series}
        self.methods = tuple(methods)
        strange = [name for name in self.methods if name not in self.series]
        require(not strange, f"{', '.join(strange)} were to be methods of a study that has no such series; name both.")
        self.runs: list[Run] = []
        self.questions: list[Measurement] = []

    def add(self, series: str, level: int, run: Run) -> None:
        """Add a run to a series and level; raises `SpecError` for a series that the study has not."""
        require(
            series in self.series,
            f"A run was to be added to the series {series!r} of a study of {', '.join(map(repr, self.series))}; name "
            "it among the series when the study is made.",
        )
        self.series[series].setdefault(level, []).append(run)
        self.runs.append(run)
        if isinstance(run.ticket.masks, Shuffled):  # not stored, and slow to draw: what is connected is asked once
            with suppress(SpecError):  # of layers that do not say what they read
                self.questions.append(Connected(run))

    def ladder(self, runs: Sequence[Run]) -> None:
        """Add a dense run and its tickets, each at its level."""
        for run in runs:
            self.add("winning ticket" if run.level else "dense", run.level, run)

    def controls(self, runs: Iterable[Run], salts: Sequence[str] = ("reinit-1",), *, shuffle: bool = True) -> None:
        """Add, for each of some tickets, a re-initialisation for each salt, and a shuffled mask."""
        for run in runs:
            for salt in salts:
                self.add("re-initialised", run.level, reinitialised(run, salt))
            if shuffle:
                self.add("shuffled mask", run.level, shuffled(run))

    def only(self, *series: str) -> Study:
        """Return the part of the study that these series are, in the same order, with no questions."""
        part = Study(series, [name for name in self.methods if name in series])
        part.series = {name: self.series[name] for name in series}
        wanted = {run for levels in part.series.values() for runs in levels.values() for run in runs}
        part.runs = [run for run in self.runs if run in wanted]
        return part

    @property
    def planned(self) -> dict[tuple[str, int], int]:
        """How many trainings, one for each seed of each run, there are at each series and level."""
        cells = {(series, level): runs for series, levels in self.series.items() for level, runs in levels.items()}
        return {cell: sum(len(run.seeds) for run in runs) for cell, runs in cells.items()}

    def found(self, results: Mapping[Run, Found]) -> dict[str, dict[int, list[Found]]]:
        """Return `{series: {level: [results]}}` of the runs that have one; what has none is left out."""
        have = {
            series: {level: [results[run] for run in runs if run in results] for level, runs in levels.items()}
            for series, levels in self.series.items()
        }
        out = {series: {level: found for level, found in levels.items() if found} for series, levels in have.items()}
        if not any(out.values()):
            raise LookupError(
                "No result of this study is stored; `make compute` makes those of scale paper, and `make compute "
                "SCALE=small` those of scale small."
            )
        return out
