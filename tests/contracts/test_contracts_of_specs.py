"""What every spec must be, new ones included."""

from __future__ import annotations

import dataclasses
import inspect

import pytest
from subclassed import BASES, TICKET_RUN, examples, subclasses

from lth_lib.spec import Spec, SpecError, canonical_json

ALL = pytest.mark.parametrize("one", subclasses(Spec), ids=lambda c: c.__name__)


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


@pytest.mark.parametrize("value", [v for base in BASES for v in examples(base)], ids=str)
def test_equal_values_have_one_digest_and_unequal_ones_two(value: Spec) -> None:
    assert dataclasses.replace(value).digest == value.digest
    assert dataclasses.replace(value) == value
    assert canonical_json(value) == canonical_json(dataclasses.replace(value))
    others = [v for base in BASES for v in examples(base) if v != value]
    assert value.digest not in {other.digest for other in others}
    assert hash(value) == hash(dataclasses.replace(value))


@pytest.mark.parametrize(
    "value", [v for base in BASES for v in examples(base)] + [TICKET_RUN], ids=lambda v: type(v).__name__
)
def test_a_field_of_another_type_is_refused_by_name(value: Spec) -> None:
    for field in dataclasses.fields(value):
        with pytest.raises(SpecError, match=f"^{field.name} was "):
            dataclasses.replace(value, **{field.name: object()})
