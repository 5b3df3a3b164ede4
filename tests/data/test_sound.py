"""A data set of one's own that does not hold what it says is refused before anything trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import torch

from lth_lib.data import Arrays, Dataset, NextToken, Split, Task
from lth_lib.models import LeNet
from lth_lib.replicates import stream
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting

X = torch.from_numpy(stream(0, "sound").normal(size=(60, 6))).float()
Y = torch.arange(60) % 4
RECIPE = Recipe(Adam(), Rate(1e-2), batch=20, steps=40, segment=10, test_every=10)


@dataclass(frozen=True)
class Own(Dataset):
    """Sixty points, of which the named one is wrong."""

    wrong: str = ""

    shape: ClassVar[tuple[int, ...]] = (6,)
    classes: ClassVar[int] = 4

    def load(self, device: str | torch.device = "cpu") -> Arrays:
        return WRONG[self.wrong][0]()


def arrays(valid: slice = slice(40, 50), **test: torch.Tensor) -> Arrays:
    last = Split(**{"x": X[50:], "y": Y[50:], **test})
    return Arrays(Split(X[:40], Y[:40]), Split(X[valid], Y[valid]), last, repr(sorted(test)))


WRONG: dict[str, tuple[Any, str]] = {
    "": (arrays, ""),
    "labels from 1": (
        lambda: arrays(y=Y[50:] + 1),
        "Own.test has targets torch.int64 from 1 to 4; those of 4 ",
    ),
    "labels below": (lambda: arrays(y=Y[50:] - 1), r"targets torch.int64 from -1 to 2; .* are int64 from 0 to 3\."),
    "labels of bytes": (lambda: arrays(y=Y[50:].byte()), r"targets torch.uint8 .* are int64 from 0 to 3\."),
    "none to validate": (lambda: arrays(slice(0)), r"Own.valid has 0 examples and 0 targets; give .* one or more"),
    "fewer targets": (lambda: arrays(y=Y[55:]), "Own.test has 10 examples and 5 targets; give as many"),
    "no number": (lambda: arrays(x=X[50:].log()), "Own.test has examples with numbers that are not finite"),
    "another shape": (lambda: arrays(x=X[50:, :5]), r"Own.test has examples of shape \(5,\); Own\(.*\) says \(6,\)"),
    "nothing": (lambda: None, "Own.load returned NoneType; it returns Arrays"),
    "lists": (lambda: arrays(x=X[50:].tolist()), "Own.test holds list and Tensor; it holds tensors"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_a_data_set_does_not_hold_is_refused_before_training(wrong: str) -> None:
    load, said = WRONG[wrong]
    setting = Setting(Own(wrong), LeNet((4,)), RECIPE)
    if not said:
        setting.check(load())
        return
    with pytest.raises(SpecError, match=said):
        setting.check(load())


def test_what_it_held_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    setting, seen = Setting(Own(), LeNet((4,)), RECIPE), []
    monkeypatch.setattr(torch.Tensor, "isfinite", lambda x: seen.append(x) or torch.ones(1, dtype=torch.bool))
    monkeypatch.setattr("lth_lib.data.sound._SOUND", set())
    held = arrays()
    for _ in "ab":
        setting.check(held)
    assert len(seen) == 3, "each split once"


def test_a_data_set_without_a_shape_is_refused() -> None:
    @dataclass(frozen=True)
    class Unsaid(Dataset):
        def load(self, device: str | torch.device = "cpu") -> Arrays:
            return arrays()

    with pytest.raises(SpecError, match="Unsaid does not say its shape; give each as a constant of the class"):
        Unsaid()


@dataclass(frozen=True)
class Following(Own):
    """Points of which the fourth is asked for, or nothing is."""

    task: ClassVar[Task] = NextToken()


def test_a_position_may_not_be_asked() -> None:
    y = torch.full((10, 6), -1)
    y[:, 2] = 9
    data = Following("labels below")
    with pytest.raises(SpecError, match=r"from -1 to 9; .* are int64 from 0 to 3, or -1 where nothing is asked"):
        Setting(data, LeNet((4,)), RECIPE).check(arrays(y=y))
