"""What every class of the library that is a spec must be, and that a new one is tested because it exists."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator

import pytest
import test_every_criterion as of_criteria
from examples import BASES, TICKET_RUN, concrete, examples, made, subclasses

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Criterion, Subject
from lth_lib.pruning.dynamics import Dynamics
from lth_lib.pruning.scope import Scope
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, SpecError, canonical_json, require

ALL = pytest.mark.parametrize("one", subclasses(Spec), ids=lambda c: c.__name__)
VALUES = [value for base in BASES for value in examples(base)]


@ALL
def test_a_spec_is_a_frozen_dataclass_with_a_docstring_of_its_own(one: type[Spec]) -> None:
    assert "__dataclass_params__" in vars(one), "it has the decorator of its own"
    assert vars(one)["__dataclass_params__"].frozen
    text = vars(one).get("__doc__") or ""
    assert text.split("\n")[0].endswith((".", ":")), "its docstring begins with a sentence"
    assert not text.startswith(f"{one.__name__}("), "its docstring is not the one a dataclass makes"


@ALL
def test_a_spec_is_abstract_or_final(one: type[Spec]) -> None:
    parents = [base for base in one.__mro__[1:] if base not in (Spec, object) and base.__module__.startswith("lth_lib")]
    assert all(inspect.isabstract(parent) for parent in parents)


def test_names_of_classes_differ_for_a_digest_holds_them() -> None:
    names = [one.__name__ for one in subclasses(Spec)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", [one for base in BASES for one in concrete(base)], ids=lambda c: c.__name__)
def test_a_class_can_be_made_and_so_is_tested(one: type[Spec]) -> None:
    assert made(one)


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_equal_values_have_one_digest_and_unequal_ones_two(value: Spec) -> None:
    assert dataclasses.replace(value).digest == value.digest
    assert dataclasses.replace(value) == value
    assert canonical_json(value) == canonical_json(dataclasses.replace(value))
    others = [other for other in VALUES if other != value]
    assert value.digest not in {other.digest for other in others}
    assert hash(value) == hash(dataclasses.replace(value))


@pytest.mark.parametrize("value", [*VALUES, TICKET_RUN], ids=lambda v: type(v).__name__)
def test_a_field_of_another_type_is_refused_by_name(value: Spec) -> None:
    for field in dataclasses.fields(value):
        with pytest.raises(SpecError, match=f"^{field.name} was "):
            dataclasses.replace(value, **{field.name: object()})


def test_the_walk_finds_the_classes_there_are() -> None:
    found = {type(value).__name__ for value in VALUES}
    criteria = "Magnitude Random SNIP GraSP SynFlow Taylor OBS Inverted"
    pruning = "Weight Unit Channel Layerwise Global ERK Neighbours Geometric OneShot"
    training = "Masked Popup Movement SRSTE Gradual SET RigL Scales Unseen SGD Adam"
    models = "LeNet Conv ResNet VGG"
    assert {*criteria.split(), *pruning.split(), *training.split(), *models.split()} <= found
    assert {"Criterion", "Dataset", "Pruner", "Run", "Crops"} <= {one.__name__ for one in subclasses(Spec)}


def test_a_class_that_is_added_is_tested_because_it_exists() -> None:
    @dataclasses.dataclass(frozen=True)
    class Invented(Criterion):
        def score(self, subject: Subject) -> Tree:
            return {name: weight.flip(0) for name, weight in subject.weights.items()}

    assert Invented not in subclasses(Criterion), "what tests define is no part of the library"
    Invented.__module__ = "lth_lib.pruning.criteria"
    try:
        assert Invented in subclasses(Criterion)
        assert Invented in subclasses(Spec)
        value = next(value for value in examples(Criterion) if type(value) is Invented)
        with pytest.raises(AssertionError):  # it mixes the replicates
            of_criteria.test_a_criterion_scores_each_replicate_for_itself(value)
        with pytest.raises(AssertionError, match="docstring"):
            test_a_spec_is_a_frozen_dataclass_with_a_docstring_of_its_own(Invented)
    finally:
        Invented.__module__ = __name__


@pytest.fixture
def added() -> Iterator[Callable[[type[Spec]], None]]:
    """Return what makes a class, for a test, one of the library's."""
    classes = []

    def add(one: type[Spec]) -> None:
        one.__module__ = "lth_lib.pruning.pruner"  # where the types of its fields are known
        classes.append(one)

    yield add
    for one in classes:
        one.__module__ = __name__


def test_a_class_whose_fields_have_no_defaults_is_made_from_their_types(added: Callable[[type[Spec]], None]) -> None:
    @dataclasses.dataclass(frozen=True)
    class Needing(Dynamics):
        criterion: Criterion
        share: float
        scope: Scope | None

        def check(self, layers: tuple[Layer, ...]) -> None:
            raise NotImplementedError

        def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
            raise NotImplementedError

    added(Needing)
    assert Needing in concrete(Dynamics)
    assert [value.until % value.every for value in examples(Dynamics) if type(value) is Needing] == [0]


def test_a_class_that_cannot_be_made_fails_alone_and_by_name(added: Callable[[type[Spec]], None]) -> None:
    @dataclasses.dataclass(frozen=True)
    class Choosy(Criterion):
        number: int

        def __post_init__(self) -> None:
            super().__post_init__()
            require(self.number == 77_777, f"number was {self.number}; it is 77777.")

        def score(self, subject: Subject) -> Tree:
            raise NotImplementedError

    before = examples(Criterion)
    added(Choosy)
    assert examples(Criterion) == before
    with pytest.raises(AssertionError, match=r"Choosy is not made by any values tried: number was \d+; it is 77777"):
        test_a_class_can_be_made_and_so_is_tested(Choosy)
