"""The studies of the ways to go on once weights are gone: back to the start, or on from where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Dense, Initial, MaskSpec, Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling, tuned
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import PRUNER, Study
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.weights import Final
from lth_lib.training.recipe import Setting

ONCE, IN_TURN = "once", "in turn"
CONSTANT, FALLING = "constant", "falling"
DENSE = "dense"
ENDINGS = (CONSTANT, FALLING)
"""The rate stays as it is, or is a tenth of it in the last fifth of the steps, in which late gains by it show."""


@dataclass(frozen=True)
class Way:
    """How a network goes on once weights are gone: with which values, from which step, by which recipe.

    Values are those of the beginning, `fresh` ones, those at a step of the schedule (`rewind`), or, where it `goes_on`,
    those that the pruned network ended with. A `tuned` one has a tenth of the rate, a `short` one a fifth of the steps.
    """

    name: str
    goes_on: bool = False
    rewind: bool = False
    fresh: bool = False
    tuned: bool = False
    short: bool = False


RESET = Way("reset")
REWOUND = Way("rewound", rewind=True)
ON = Way("rate rewound", goes_on=True)
TUNED = Way("fine-tuned", goes_on=True, tuned=True, short=True)
TUNED_LONGER = Way("fine-tuned longer", goes_on=True, tuned=True)
FRESH = Way("re-initialised", fresh=True)
WAYS = (RESET, REWOUND, ON, TUNED, TUNED_LONGER, FRESH)
"""Learning-rate rewinding goes through the whole schedule again; where the rate is constant it only trains on."""


def series(way: str, mode: str, ending: str) -> str:
    """Return the name of a series: a way, pruned once or in turn, under one of the endings."""
    return f"{way}, {mode}, {ending}"


def called(mode: str, ending: str) -> dict[str, str]:
    """Return what each way's series of a mode and ending is called; what is tuned has its lower rate all along."""
    names = {RESET: "winning ticket"}
    return {series(way.name, mode, CONSTANT if way.tuned else ending): names.get(way, way.name) for way in WAYS}


def further(ending: str) -> dict[str, str]:
    """Return the same of the dense network that is given the steps of the ways which go on."""
    return {series(DENSE, way.name, CONSTANT if way.tuned else ending): way.name for way in WAYS if way.goes_on}


def ways(scale: str) -> Study:
    """Return six ways to go on from one mask, and from masks of their own chains, on MNIST."""
    return _ways(digits(scale), scale)


def ways_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _ways(clothes(scale), scale)


def _ways(setting: Setting, scale: str) -> Study:
    names = [series(way.name, mode, ending) for ending in ENDINGS for mode in (ONCE, IN_TURN) for way in WAYS]
    longer = [series(DENSE, way.name, ending) for ending in ENDINGS for way in WAYS if way.goes_on]
    compared = [called(mode, FALLING) for mode in (ONCE, IN_TURN)]
    methods = [one for mode in compared for one, way in zip(mode, WAYS, strict=True) if not way.fresh]
    study = Study([DENSE, f"{DENSE}, {FALLING}", *longer, *names], methods)
    dense = Run(setting, seeds=scaled(scale).blocks[0])
    study.add(DENSE, 0, dense)
    study.add(f"{DENSE}, {FALLING}", 0, replace(dense, setting=by_way(setting, RESET, FALLING)))
    for ending in ENDINGS:
        for way in WAYS:
            if way.goes_on:
                study.add(series(DENSE, way.name, ending), 0, _go_on(dense, dense, Dense(), way, ending, scale))
        _once(study, dense, ending, scale)
    for ending in ENDINGS:
        _in_turn(study, dense, ending, scale)
    return study


def _once(study: Study, dense: Run, ending: str, scale: str) -> None:
    """Add every way from the masks that the dense network leaves when it is pruned once."""
    size = scaled(scale)
    for level in size.went_on:
        masks = Pruned(dense, PRUNER, size.rate, rounds=level)
        for way in WAYS:
            study.add(series(way.name, ONCE, ending), level, _go_on(dense, dense, masks, way, ending, scale))


def _in_turn(study: Study, dense: Run, ending: str, scale: str) -> None:
    """Add the chain of every way: pruned and gone on from, level by level; fresh values have the masks of tickets."""
    size = scaled(scale)
    begun = replace(dense, setting=by_way(dense.setting, RESET, ending))
    chains = {way: begun for way in WAYS}
    for level in range(1, max(size.went_on) + 1):
        before = dict(chains)
        for way in WAYS:
            parent = before[RESET if way.fresh else way]
            run = _go_on(parent, dense, Pruned(parent, PRUNER, size.rate), way, ending, scale)
            if not way.fresh:
                chains[way] = run
            if level in size.went_on or not way.fresh:
                study.add(series(way.name, IN_TURN, ending), level, run)


def _go_on(parent: Run, dense: Run, masks: MaskSpec, way: Way, ending: str, scale: str) -> Run:
    """Return how a pruned parent is trained in a way."""
    setting = by_way(dense.setting, way, ending)
    if way.goes_on:
        return Run(setting, Ticket(masks, Final(parent)), seeds=dense.seeds)
    if way.rewind:
        step = scaled(scale).rewind
        return Run(setting, Ticket(masks, Final(replace(dense, until=step))), start=step, seeds=dense.seeds)
    return Run(setting, Ticket(masks, Initial("reinit-1" if way.fresh else "")), seeds=dense.seeds)


def by_way(setting: Setting, way: Way, ending: str) -> Setting:
    """Return a setting whose recipe is a way's, under an ending."""
    own = tuned(setting, short=way.short) if way.tuned else setting
    return falling(own) if ending == FALLING else own
