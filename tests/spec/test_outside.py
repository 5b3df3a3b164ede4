"""A class from outside the library is named by its text: an edit, or another of its name, finds no other's results."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import tiny
from IPython.core.compilerop import CachingCompiler

from lth_lib.experiments.studies import imp
from lth_lib.models import LeNet
from lth_lib.pruning.criteria import Criterion, Magnitude, Subject
from lth_lib.pruning.forward import Masked
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.replicates import Tree
from lth_lib.results.compute import compute
from lth_lib.spec import Spec, SpecError, canonical

HEAD = """\
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from lth_lib.pruning.criteria import Criterion, Magnitude
from lth_lib.pruning.forward import Masked
from lth_lib.models import LeNet
from lth_lib.training.recipe import Rate
from lth_lib.spec import Spec
"""
OWN = """\
@dataclass(frozen=True)
class Magnitude(Criterion):
    def score(self, subject):
        return {name: -w.abs() for name, w in subject.weights.items()}
"""
CELLS = CachingCompiler()


def cell(text: str, head: str = HEAD) -> dict[str, Any]:
    """Return what a notebook's cell defines."""
    text = head + dedent(text)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(CELLS(text, CELLS.cache(text), "exec"), names)
    return names


def test_a_notebooks_class_named_like_the_librarys_has_another_digest_and_its_own_masks(tmp_path: Path) -> None:
    own = cell(OWN)["Magnitude"]()
    assert own.digest != Magnitude().digest
    ours, theirs = (imp(tiny.setting(steps=10), Pruner(c), Geometric(0.5, 1), seeds=(0,)) for c in (Magnitude(), own))
    results = compute([*ours, *theirs], tiny.store(tmp_path), train=True, progress=False)
    one, other = results[ours[1]].masks, results[theirs[1]].masks
    assert one is not None
    assert other is not None
    assert (one["fc1.weight"] != other["fc1.weight"]).any()


def test_classes_named_alike_in_two_notebooks_have_two_digests_and_the_same_cell_run_again_one() -> None:
    one, again = (cell(OWN)["Magnitude"]() for _ in "ab")
    other = cell(OWN.replace("-w.abs()", "w.abs()"))["Magnitude"]()
    assert one.digest == again.digest
    assert one.digest != other.digest


BASE = """\
class Mixed:
    power = 2

    def raised(self, w):
        return w.abs() ** self.power

@dataclass(frozen=True)
class Parent(Criterion, Mixed):
    value: float = 0.5
    limit: ClassVar[float] = 4.0

    @property
    def twice(self):
        return 2 * self.value

    @staticmethod
    def shifted(w, by=1.0):
        return w + by

@dataclass(frozen=True)
class Child(Parent):
    def score(self, subject):
        return {name: self.raised(w) for name, w in subject.weights.items()}
"""
EDITS = {
    "a method": ("self.raised(w)", "self.raised(w) + 1"),
    "an inherited property": ("2 * self.value", "3 * self.value"),
    "a static method": ("w + by", "w - by"),
    "the default of an argument": ("by=1.0", "by=2.0"),
    "a method of a class that is no spec": ("w.abs() **", "w **"),
    "a constant of a class that is no spec": ("power = 2", "power = 3"),
    "a class-level constant": ("= 4.0", "= 5.0"),
    "the order of the bases": ("(Criterion, Mixed)", "(Mixed, Criterion)"),
    "the default of a field": ("value: float = 0.5", "value: float = 0.6"),
}


@pytest.mark.parametrize("name", EDITS)
def test_whatever_is_edited_in_a_class_or_its_bases_is_another_digest(name: str) -> None:
    before, after = (cell(text)["Child"]().digest for text in (BASE, BASE.replace(*EDITS[name])))
    assert before != after


def test_a_field_counts_as_in_any_spec() -> None:
    child = cell(BASE)["Child"]
    assert child(0.5) == child()
    assert child(0.5).digest == child().digest
    assert child(0.7).digest != child().digest


def test_a_constant_and_a_method_that_are_replaced_later_count() -> None:
    names = cell(BASE)
    child, before = names["Child"], names["Child"]().digest
    child.limit = 9.0
    constant = child().digest
    child.raised = cell("def raised(self, w):\n    return -w\n")["raised"]
    assert len({before, constant, child().digest}) == 3


REFUSED = {
    "a variable of the function around it": (
        """
        def made(k):
            @dataclass(frozen=True)
            class Own(Criterion):
                def score(self, subject):
                    return {name: w ** k for name, w in subject.weights.items()}
            return Own
        Own = made(2)
        """,
        r"Own\.score uses k of the function around it; make each a field",
    ),
    "an array": (
        """
        @dataclass(frozen=True)
        class Own(Criterion):
            table = np.ones(3)
            def score(self, subject):
                return subject.weights
        """,
        r"Own\.table is a ndarray, by which no result can be named; make it a field",
    ),
    "no finite number": (
        """
        @dataclass(frozen=True)
        class Own(Criterion):
            table = [1, 2]
            def score(self, subject):
                return subject.weights
        """,
        r"Own\.table is a list",
    ),
    "the default of a method": (
        """
        @dataclass(frozen=True)
        class Own(Criterion):
            def score(self, subject, table=np.ones(3)):
                return subject.weights
        """,
        r"A default of Own\.score is a ndarray",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_text_tells_is_refused(name: str) -> None:
    text, said = REFUSED[name]
    with pytest.raises(SpecError, match=said):
        cell(text)["Own"]()


def test_a_class_whose_text_cannot_be_read_is_refused_in_one_sentence() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(HEAD + OWN, names)
    with pytest.raises(SpecError, match=r"The text of Magnitude\.score cannot be read, .* in a file or a cell"):
        names["Magnitude"]()


def test_the_text_is_that_of_when_the_class_was_defined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "edited_later.py"
    path.write_text(HEAD + OWN)
    monkeypatch.syspath_prepend(tmp_path)
    import edited_later  # type: ignore[import-not-found]

    path.write_text(HEAD + OWN.replace("-w.abs()", "w.abs()"))
    assert edited_later.Magnitude().digest == cell(OWN)["Magnitude"]().digest, "what trains is what was there then"


@dataclass(frozen=True)
class Sent(Criterion):
    """A criterion of a test file."""

    def score(self, subject: Subject) -> Tree:
        return subject.weights


def test_a_value_that_is_sent_has_the_same_digest() -> None:
    assert pickle.loads(pickle.dumps(Sent())).digest == Sent().digest


def test_a_class_of_the_library_is_its_name_and_version() -> None:
    assert canonical(Magnitude()) == {"class": "Magnitude", "version": 1}
    assert canonical(Sent())["class text"][1:3] == ["Criterion", "Spec"]
    assert "A criterion of a test file" not in str(canonical(Sent())), "what a class is said to be changes nothing"


FINAL = {
    "Tanh": ("class Tanh(LeNet):\n    def apply(self, p, x, norm): return x", "LeNet, which is final.* from Model"),
    "Half": ("class Half(Masked):\n    def seen(self, params, masks): return params", "Masked, .* from Forward"),
    "Mine": ("class Mine(Rate):\n    def at(self, step): return 0.1", "Rate, .* from LearningRate"),
    "Mixed": ("class Other: pass\nclass Mixed(Other, LeNet): pass", "Mixed inherits from LeNet, .* as its parent"),
}


@pytest.mark.parametrize("name", FINAL)
def test_a_class_cannot_inherit_from_a_final_one_of_the_library(name: str) -> None:
    text, said = FINAL[name]
    with pytest.raises(SpecError, match=said):
        cell(text)


@pytest.mark.parametrize("final", [LeNet, Masked])
def test_nor_can_one_that_is_made_by_hand(final: type[Spec]) -> None:
    with pytest.raises(SpecError, match="which is final"):
        type("Own", (final,), {})


def test_classes_of_ones_own_may_inherit_from_each_other() -> None:
    assert issubclass(tiny.Colour, tiny.Grey)
    assert tiny.Colour().digest != tiny.Grey().digest
