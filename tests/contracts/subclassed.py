"""Every class of the library that is a spec, and examples of it: what contracts are tested on."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import tiny
import torch
from tiny import SEEDS, Colour, setting

import lth_lib
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Initial, MaskSpec, Run, Ticket, WeightSpec
from lth_lib.experiments.weights import Constant, Final
from lth_lib.masks import Masks
from lth_lib.models import Model, Transformer
from lth_lib.pruning.criteria import OBS, SNIP, Criterion, Magnitude, Subject
from lth_lib.pruning.dynamics import Dynamics
from lth_lib.pruning.forward import Forward
from lth_lib.pruning.granularity import Granularity
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Schedule
from lth_lib.pruning.scope import Scope
from lth_lib.replicates import Tree, stream
from lth_lib.spec import Spec
from lth_lib.training.recipe import LearningRate, Optimiser

for module in pkgutil.walk_packages(lth_lib.__path__, "lth_lib."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)


DENSE_RUN = Run(setting(), seeds=SEEDS)


TICKET_RUN = replace(DENSE_RUN, ticket=Ticket(Pruned(DENSE_RUN, Pruner(), 0.5), Final(DENSE_RUN)))


SNIPPED = Pruner(SNIP(20))


EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Layerwise": [{}, {"factors": (("out", 0.5),)}, {"factors": (("fc", 0.0), ("fc2", 1.5))}],
    "Global": [{}, {"only": "fc"}],
    "Unit": [{}, {"mean": False}],
    "Neighbours": [{}, {"of": 8}],
    "Random": [{}, {"salt": "again"}],
    "Inverted": [{"criterion": Magnitude()}, {"criterion": SNIP(batch=20)}],
    "SNIP": [{}, {"batch": 20}],
    "OBS": [{"batch": 50}, {"batch": 100, "damping": 1.0}],
    "LeNet": [{"hidden": (7, 5)}],
    "Conv": [{"pairs": 1, "hidden": (8,)}],
    "ResNet": [{"n": 1}],
    "Transformer": [{"tokens": 9, "width": 8, "depth": 1}],
    "Rate": [{"base": 0.1}, {"base": 1.0, "warmup": 3, "drops": (5,)}],
    "Selected": [{"rate": 0.2, "numbers": (2, 4)}],
    "Barrier": [
        {"one": DENSE_RUN, "other": replace(DENSE_RUN, order="again"), "points": 3},
        {"one": TICKET_RUN, "other": replace(TICKET_RUN, order="again"), "points": 4, "statistics": "recomputed"},
    ],
    "Pruned": [
        {"run": TICKET_RUN, "pruner": Pruner(), "rate": 0.5},
        {"run": DENSE_RUN, "pruner": SNIPPED, "density": 0.3},
    ],
    "Shuffled": [{"masks": Pruned(DENSE_RUN, Pruner(), 0.5)}],
    "Kept": [{"run": TICKET_RUN}],
    "Initial": [{}, {"salt": "again"}],
    "Final": [{"run": TICKET_RUN}],
    "Signed": [
        {"signs": Initial("signs"), "magnitudes": Constant()},
        {"signs": Initial(), "magnitudes": Final(TICKET_RUN)},
    ],
    "Solved": [{"pruned": Pruned(TICKET_RUN, Pruner(OBS(50)), 0.5)}],
    "InputConnections": [{"run": TICKET_RUN}],
    "InitialValues": [{"run": TICKET_RUN}, {"run": DENSE_RUN, "bins": 5}],
    "Gradual": [{"every": 4, "until": 8}, {"every": 5, "until": 20, "first": 5, "density": 0.4}],
    "SGD": [{}, {"momentum": 0.9, "weight_decay": 0.1}],
}
"""Fields of a class, where those it has by default are missing, too slow, or not all that matters."""


ORDER = [2, 0, 1]


AnySpec = TypeVar("AnySpec", bound=Spec)


def subclasses(base: type[Spec]) -> list[type[Spec]]:
    """Return the classes of the library that are a `base`, by name."""
    found = {base, *itertools.chain.from_iterable(subclasses(child) for child in base.__subclasses__())}
    return sorted((c for c in found if c.__module__.startswith("lth_lib.")), key=lambda c: c.__name__)


def examples(base: type[AnySpec]) -> list[AnySpec]:
    """Return at least one value of each concrete class."""
    concrete = [c for c in subclasses(base) if not inspect.isabstract(c)]
    return [c(**fields) for c in concrete for fields in EXAMPLES.get(c.__name__, [{}])]  # type: ignore[misc]


def every(base: type[Spec]) -> pytest.MarkDecorator:
    values = examples(base)
    assert values, f"there is no {base.__name__}"
    return pytest.mark.parametrize("value", values, ids=str)


def permuted(tree: Tree) -> Tree:
    return {name: tensor[ORDER] for name, tensor in tree.items()}


def copy(tree: Tree) -> Tree:
    return {name: tensor.clone() for name, tensor in tree.items()}


def subject(masks: Masks | None = None) -> Subject:
    return tiny.subject(setting(), masks, at=1)


def rows_of(given: Subject, rows: list[int]) -> Subject:
    """Return the subject of some of its replicates, in this order."""
    weights, masks, params = (
        {n: t[rows] for n, t in tree.items()} for tree in (given.weights, given.masks, given.params)
    )
    seeds = tuple(given.seeds[row] for row in rows)
    probe = replace(given.probe, seeds=seeds)
    return replace(given, weights=weights, masks=masks, params=params, seeds=seeds, probe=probe)


BASES = (
    Criterion,
    Granularity,
    Scope,
    Schedule,
    Dynamics,
    Forward,
    Model,
    Optimiser,
    LearningRate,
    Measurement,
    MaskSpec,
    WeightSpec,
)


def inputs(value: Model) -> tuple[tuple[int, ...], torch.Tensor]:
    """Return a shape that a model takes, and four inputs of it."""
    rng = stream(0, "contracts")
    if isinstance(value, Transformer):
        return (6,), torch.from_numpy(rng.integers(0, value.tokens, (4, 6)))
    return Colour.shape, torch.from_numpy(rng.standard_normal((4, *Colour.shape), "float32"))
