"""Chains of runs that are trained in no time."""

from __future__ import annotations

from tiny import SEEDS, setting

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import compute
from lth_lib.results.compute import Results
from lth_lib.results.store import Store
from lth_lib.training.recipe import Setting


def chain(given: Setting | None = None, levels: int = 1, rate: float = 0.5) -> list[Run]:
    return imp(given or setting(), Pruner(), Geometric(rate, levels), seeds=SEEDS)


def trained(runs: list[Run], store: Store) -> Results:
    return compute.compute(runs, store, train=True, checkpoint_every=0, progress=False)
