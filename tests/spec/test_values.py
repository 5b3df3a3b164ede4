"""One digest, one meaning: equal specs are of the same exact values, and what has no exact value is refused."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
import tiny

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.models import LeNet
from lth_lib.pruning.schedule import Geometric
from lth_lib.pruning.scope import Layerwise
from lth_lib.replicates import stream
from lth_lib.spec import Spec, SpecError, exact
from lth_lib.training.recipe import SGD, Adam, LearningRate, Rate, Recipe


class Word(enum.StrEnum):
    SALT = "reinit-1"


class Count(enum.IntEnum):
    TWO = 2


class Pair(NamedTuple):
    name: str
    factor: float


@dataclasses.dataclass(frozen=True)
class Several(Spec):
    """A field of each kind."""

    sizes: tuple[float, ...] = ()
    limit: float | None = None
    name: str | int = ""
    yes: bool = False
    other: Rate | LearningRate | None = None
    fixed: tuple[int, str] = (1, "a")


RUN = Run(tiny.setting())
EQUAL: dict[str, tuple[Spec, Spec]] = {
    "a numpy text": (Initial("reinit-1"), Initial(np.str_("reinit-1"))),
    "a member of an enumeration": (Initial("reinit-1"), Initial(Word.SALT)),
    "a whole one": (Geometric(0.5, 2), Geometric(0.5, Count.TWO)),
    "a numpy number": (Geometric(0.2), Geometric(np.float64(0.2))),
    "minus zero": (SGD(0.0), SGD(-0.0)),
    "a whole number for another": (Rate(1.0), Rate(1)),
    "one within a tuple": (Several((1.0, 2.0)), Several((1, 2))),
    "minus zero within a tuple": (Several((0.0,)), Several((-0.0,))),
    "one that may be missing": (Several(limit=1.0), Several(limit=1)),
    "one within tuples": (Layerwise((("out", 1.0),)), Layerwise((("out", 1),))),
    "a tuple with names": (Layerwise((("out", 0.5),)), Layerwise((Pair("out", 0.5),))),
    "a fixed tuple": (Several(fixed=(2, "b")), Several(fixed=(Count.TWO, np.str_("b")))),
    "a text or a number": (Several(name=2), Several(name=Count.TWO)),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_specs_have_one_digest_and_hold_the_same_built_in_values(name: str) -> None:
    one, other = EQUAL[name]
    assert one == other
    assert one.digest == other.digest
    assert repr(one) == repr(other), "also what trains reads the same"


def test_a_seeds_own_words_and_numpys_draw_the_same_weights() -> None:
    plain, numpys = (Initial(salt).make(RUN, None)[0] for salt in ("reinit-1", np.str_("reinit-1")))  # type: ignore
    assert tiny.same_tree(plain, numpys)
    assert (stream(0, "init", np.str_("a")).random(3) == stream(0, "init", "a").random(3)).all()


@pytest.mark.parametrize("part", [True, 1.0, np.int64(1), None, b"a"])
def test_a_stream_whose_name_has_another_type_is_refused(part: Any) -> None:
    with pytest.raises(SpecError, match="whole numbers and texts"):
        stream(0, "init", part)


REFUSED: list[tuple[Any, dict[str, Any]]] = [
    (RUN, {"start": False}),
    (RUN, {"until": True}),
    (RUN, {"start": 0.0}),
    (RUN, {"seeds": (True, 2)}),
    (RUN, {"seeds": (1, 10**5000)}),
    (RUN, {"order": "\ud800"}),
    (RUN.setting.recipe, {"batch": True}),
    (RUN.setting.recipe, {"steps": 10**400}),
    (Rate(0.1), {"base": True}),
    (Rate(0.1), {"base": 10**400}),
    (Rate(0.1), {"base": float("inf")}),
    (Rate(0.1), {"drops": (10, True)}),
    (SGD(), {"weight_decay": float("nan")}),
    (Adam(), {"beta1": np.float32(0.9)}),
    (LeNet(), {"hidden": [300, 100]}),
    (LeNet(), {"hidden": (300, 10**5000)}),
    (Layerwise(), {"factors": (("out", float("nan")),)}),
    (Several(), {"yes": 1}),
    (Several(), {"yes": np.True_}),
    (Several(), {"name": True}),
    (Several(), {"name": 0.5}),
    (Several(), {"limit": -float("inf")}),
    (Several(), {"sizes": (0.5, False)}),
    (Several(), {"fixed": (1,)}),
    (Several(), {"fixed": (1, "a", "b")}),
    (Several(), {"other": Adam()}),
]


@pytest.mark.parametrize(("spec", "fields"), REFUSED, ids=lambda x: str(list(x)) if isinstance(x, dict) else "")
def test_what_has_no_exact_value_of_the_declared_type_is_refused_at_construction(
    spec: Spec, fields: dict[str, Any]
) -> None:
    (name,) = fields
    with pytest.raises(SpecError, match=f"^{name} was ") as refused:
        dataclasses.replace(spec, **fields)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), 10**400])
def test_a_rate_that_is_no_number_is_refused_within_a_ticket_too(rate: float) -> None:
    with pytest.raises(SpecError, match="a finite number"):
        Ticket(Pruned(RUN, tiny.Pruner(), rate))
    with pytest.raises(SpecError, match="a finite number"):
        Recipe(Adam(rate), Rate(0.1), 10, 40)


MIXED = tuple[int, ...] | tuple[float, ...]


@pytest.mark.parametrize("declared", [Any, int | float, bool | int, MIXED, list[int], dict, tuple, Literal["a"]])
def test_a_field_whose_equal_values_would_be_written_unlike_is_refused(declared: Any) -> None:
    cls = dataclasses.make_dataclass("Loose", [("value", declared)], bases=(Spec,), frozen=True)
    with pytest.raises(SpecError, match="Loose declares value as"):
        cls(1)


def test_a_field_that_would_not_count_is_refused() -> None:
    uncounted = ("value", int, dataclasses.field(compare=False))
    cls = dataclasses.make_dataclass("Loose", [uncounted], bases=(Spec,), frozen=True)
    with pytest.raises(SpecError, match=r"Loose leaves \['value'\] out"):
        cls(1)


def test_what_is_exact_stays_the_same_object() -> None:
    value = (("out", 0.5), ("fc", 1.0))
    assert exact(value, tuple[tuple[str, float], ...]) is value
    assert exact(RUN, Run) is RUN
    assert exact(None, int | None) is None


@dataclasses.dataclass(frozen=True)
class Rows(Spec):
    """It holds tuples, and a spec."""

    widths: tuple[int, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    within: Spec | None = None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"widths": [3]}, r"widths was \[3\]; Rows takes a tuple, each a whole number there"),
        ({"factors": (("fc",),)}, r"takes a tuple, each \(a text, a finite number\) there"),
        ({"within": Rows}, "within was the class Rows; Rows takes Spec or None there"),
    ],
)
def test_what_a_field_takes_is_said_in_words(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Rows(**given)
