"""Values of every class of the library, made from the types of its fields: what is added is tested as it is."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import itertools
import pkgutil
import types
import typing
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import torch
from tiny import SEEDS, Colour, setting

import lth_lib
from lth_lib.data import Dataset, Held, Marked, Repeated
from lth_lib.experiments.masks import Kept, Pruned, Shuffled
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Initial, MaskSpec, Run, Ticket, WeightSpec
from lth_lib.experiments.weights import Constant, Final
from lth_lib.models import LeNet, Model, ResNet
from lth_lib.pruning.criteria import OBS, SNIP, Criterion, Magnitude
from lth_lib.pruning.dynamics import Dynamics
from lth_lib.pruning.forward import Forward
from lth_lib.pruning.granularity import Granularity
from lth_lib.pruning.penalty import Penalty
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Schedule
from lth_lib.pruning.scope import Scope
from lth_lib.replicates import stream
from lth_lib.spec import Spec, SpecError
from lth_lib.training.recipe import LearningRate, Optimiser

for module in pkgutil.walk_packages(lth_lib.__path__, "lth_lib."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

BASES = (
    Criterion,
    Granularity,
    Scope,
    Schedule,
    Dynamics,
    Forward,
    Penalty,
    Model,
    Optimiser,
    LearningRate,
    Measurement,
    MaskSpec,
    WeightSpec,
)
AnySpec = TypeVar("AnySpec", bound=Spec)

DENSE_RUN = Run(setting(), seeds=SEEDS)
TICKET_RUN = replace(DENSE_RUN, ticket=Ticket(Pruned(DENSE_RUN, Pruner(), 0.5), Final(DENSE_RUN)))
SNIPPED, SOLVABLE = Pruner(SNIP(20)), Pruned(TICKET_RUN, Pruner(OBS(50)), 0.5)
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Layerwise": [{}, {"factors": (("out", 0.5),)}, {"factors": (("fc", 0.0), ("fc2", 1.5))}],
    "Global": [{}, {"only": "fc"}],
    "Unit": [{}, {"mean": False}],
    "Neighbours": [{}, {"of": 8}],
    "Random": [{}, {"salt": "again"}],
    "Inverted": [{"criterion": Magnitude()}, {"criterion": SNIP(batch=20)}],
    "SNIP": [{}, {"batch": 20}],
    "OBD": [{"batch": 5}],
    "Wanda": [{"batch": 50}],
    "SparseGPT": [{"batch": 50}, {"batch": 100, "damping": 1.0}],
    "OBS": [{"batch": 50}, {"batch": 100, "damping": 1.0}],
    "LeNet": [{"hidden": (7, 5)}, {"hidden": (7, 5), "norm": True}],
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
    "Shuffled": [{"masks": Pruned(DENSE_RUN, Pruner(), 0.5)}, {"masks": Kept(TICKET_RUN)}],
    "Kept": [{"run": TICKET_RUN}],
    "Initial": [{}, {"salt": "again"}],
    "Final": [{"run": TICKET_RUN}],
    "Signed": [
        {"signs": Initial("signs"), "magnitudes": Constant()},
        {"signs": Initial(), "magnitudes": Final(TICKET_RUN)},
    ],
    "Solved": [{"pruned": SOLVABLE}, {"pruned": SOLVABLE, "masks": Shuffled(SOLVABLE)}],
    "InputConnections": [{"run": TICKET_RUN}],
    "NormScales": [{"run": replace(DENSE_RUN, setting=replace(setting(), model=LeNet((8, 6), norm=True)))}],
    "UnitWeights": [{"run": TICKET_RUN, "count": 1}, {"run": DENSE_RUN, "count": 2}],
    "InitialValues": [{"run": TICKET_RUN}, {"run": DENSE_RUN, "bins": 5}],
    "Gradual": [{"every": 4, "until": 8}, {"every": 5, "until": 20, "first": 5, "density": 0.4}],
    "SET": [{"every": 4, "until": 8}, {"every": 5, "until": 20, "fraction": 0.5}],
    "RigL": [{"every": 4, "until": 8}, {"every": 5, "until": 20, "fraction": 0.5, "batch": 20}],
    "SRSTE": [{}, {"kept": 1, "of": 8}],
    "SGD": [{}, {"momentum": 0.9, "weight_decay": 0.1}],
}
"""Fields of a class, where those that it has by default, or that their types give, are too slow or not all there is."""

SETTINGS = {"Slimming": replace(setting(), data=Colour(), model=ResNet(n=1))}
"""Of a criterion that does not score the network of the others, by name, whose weights it does."""

OF_TYPES: dict[Any, tuple[Any, ...]] = {
    int: (8, 4, 9, 2, 1),
    float: (0.5, 0.1),
    str: ("some",),
    bool: (True, False),
    types.NoneType: (None,),
    Run: (DENSE_RUN, replace(DENSE_RUN, order="again"), TICKET_RUN),
    Pruned: tuple(Pruned(**fields) for fields in EXAMPLES["Pruned"]),
}
"""What a field that has no default is tried with, by its type; of a spec it is whatever needs no field."""


def subclasses(base: type[Spec]) -> list[type[Spec]]:
    """Return the classes of the library that are a `base`, by name."""
    found = {base, *itertools.chain.from_iterable(subclasses(child) for child in base.__subclasses__())}
    return sorted((c for c in found if c.__module__.startswith("lth_lib.")), key=lambda c: c.__name__)


def concrete(base: type[AnySpec]) -> list[type[AnySpec]]:
    """Return those of which there are values."""
    return [one for one in subclasses(base) if not inspect.isabstract(one)]  # type: ignore[misc]


def examples(base: type[AnySpec]) -> list[AnySpec]:
    """Return at least one value of each concrete class that can be made; the others fail in a test of their own."""
    out: list[AnySpec] = []
    for one in concrete(base):
        with suppress(Exception):  # whatever it raises, only it must fail
            out += made(one)
    return out


def made(one: type[AnySpec]) -> list[AnySpec]:
    """Return values of a class; raises `AssertionError` where none is found."""
    known, said = EXAMPLES.get(one.__name__), "there are none of the types of its fields."
    if known is not None:
        return [one(**fields) for fields in known]
    for fields in itertools.islice(_tried(one), 1000):
        try:
            value = one(**fields)
        except SpecError as fault:
            said = str(fault)
            continue
        if not isinstance(value, Model) or data_of(value):
            return [value]
        said = f"{value} takes none of {DATA}."
    raise AssertionError(
        f"{one.__name__} is not made by any values tried: {said} Give its fields defaults, or EXAMPLES."
    )


def _tried(one: type[Spec]) -> Iterator[dict[str, Any]]:
    """Yield values for the fields that have none."""
    hints, missing = typing.get_type_hints(one), dataclasses.MISSING
    needed = [f.name for f in dataclasses.fields(one) if f.default is missing and f.default_factory is missing]
    for values in itertools.product(*(_of_type(hints[name]) for name in needed)):
        yield dict(zip(needed, values, strict=True))


def _of_type(declared: Any) -> tuple[Any, ...]:
    """Return what a field of a type is tried with."""
    kind, inner = typing.get_origin(declared) or declared, typing.get_args(declared)
    if kind in (typing.Union, types.UnionType):
        return tuple(value for one in inner for value in _of_type(one))
    if kind is tuple:
        return tuple(itertools.product(*(_of_type(one) for one in inner if one is not Ellipsis)))
    if kind in OF_TYPES:
        return OF_TYPES[kind]
    return tuple(value for one in concrete(kind) for value in _plain(one))


def _plain(one: type[AnySpec]) -> Iterator[AnySpec]:
    """Yield the value of a class that needs no field."""
    with suppress(SpecError, TypeError):
        yield one()


def _waves() -> Dataset:
    """Return sequences of six times five numbers, and which of two classes each is of."""
    rng = stream(0, "contracts", "waves")
    x = rng.standard_normal((60, 6, 5), "float32")
    return Held.of(torch.from_numpy(x), torch.arange(60) % 2)


DATA: tuple[Dataset, ...] = (Colour(), Marked(), Repeated(), _waves())
"""What a model may take: images, tokens to classify or to go on with, sequences of numbers."""


@functools.cache
def data_of(model: Model) -> Dataset | None:
    """Return the first data that a model takes, by what it says of itself."""
    for data in DATA:
        with suppress(Exception):  # whatever it raises at what it does not take
            replace(setting(), data=data, model=model).check(data.load())
            return data
    return None


def every(base: type[Spec]) -> pytest.MarkDecorator:
    values = examples(base)
    assert values, f"there is no {base.__name__}"
    return pytest.mark.parametrize("value", values, ids=str)
