"""Learning rates by hand, and recipes that are none are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from lth_lib.spec import SpecError
from lth_lib.training.recipe import SGD, Adam, Rate, Recipe


def test_a_constant_rate() -> None:
    assert [Rate(0.1).at(step) for step in (0, 1, 10**6)] == [0.1, 0.1, 0.1]


def test_warm_up_is_linear_and_ends_at_the_base() -> None:
    rate = Rate(0.8, warmup=4)
    assert [rate.at(step) for step in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8, 0.8])


def test_each_drop_divides_by_ten_from_its_step_on() -> None:
    rate = Rate(0.5, drops=(3, 5))
    assert [rate.at(step) for step in range(7)] == pytest.approx([0.5, 0.5, 0.5, 0.05, 0.05, 0.005, 0.005])


def test_warm_up_drops_and_another_factor_together() -> None:
    rate = Rate(1.0, warmup=2, drops=(1, 3), factor=0.5)
    assert [rate.at(step) for step in range(5)] == pytest.approx([0.5, 0.5, 0.5, 0.25, 0.25])


def test_the_optimisers_are_torchs_with_these_settings() -> None:
    adam = Adam(0.8, 0.95, 1e-6).build([torch.zeros(2)]).defaults
    assert (adam["betas"], adam["eps"], adam["weight_decay"]) == ((0.8, 0.95), 1e-6, 0)
    sgd = SGD(0.9, 1e-4).build([torch.zeros(2)]).defaults
    assert (sgd["momentum"], sgd["weight_decay"], sgd["nesterov"], sgd["dampening"]) == (0.9, 1e-4, False, 0)
    assert Adam().build([torch.zeros(2)]).defaults["betas"] == (0.9, 0.999)


@pytest.mark.parametrize("name", ["batch", "steps", "segment", "test_every"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "10"])
def test_lengths_that_are_none_are_refused(name: str, value: Any) -> None:
    given: dict[str, Any] = {"batch": 10, "steps": 40, name: value}
    with pytest.raises(SpecError, match=f"{name} was .* a whole number"):
        Recipe(Adam(), Rate(0.1), **given)


def test_tests_fall_on_evaluations() -> None:
    with pytest.raises(SpecError, match="test_every was 150; it is a multiple of segment, 100"):
        Recipe(Adam(), Rate(0.1), 10, 40, segment=100, test_every=150)


OPTIMISERS: list[tuple[Any, str, Any]] = [
    (Adam, "beta1", 1.0),
    (Adam, "beta1", -0.1),
    (Adam, "beta2", 1.0),
    (Adam, "beta2", -0.1),
    (Adam, "epsilon", 0.0),
    (Adam, "epsilon", -1e-8),
    (Adam, "epsilon", 1e-45),
    (SGD, "momentum", 1.0),
    (SGD, "momentum", -0.9),
    (SGD, "weight_decay", -1e-4),
]


@pytest.mark.parametrize(("kind", "name", "value"), OPTIMISERS)
def test_numbers_of_an_optimiser_that_make_no_step_are_refused(kind: Any, name: str, value: float) -> None:
    with pytest.raises(SpecError, match=f"{name} was {value!r}; it is "):
        kind(**{name: value})


@pytest.mark.parametrize("rate", [Rate(1e30, drops=(1, 2), factor=1e4), Rate(1e-30, drops=(1, 2), factor=1e30)])
def test_a_rate_may_grow_as_far_as_steps_are_numbers(rate: Rate) -> None:
    assert rate.at(5) == pytest.approx(1e38 if rate.base > 1 else 1e30)
    with pytest.raises(
        SpecError, match=r"The learning rate would grow to 1e\d+, base .* give a smaller base, or a factor"
    ):
        replace(rate, base=1e30, factor=1e300)


@pytest.mark.parametrize("rate", [{"base": 1, "factor": 0}, {"base": 1, "factor": -0.1}, {"base": 1, "drops": (-1,)}])
def test_drops_that_are_none_are_refused(rate: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"(factor|drops) was"):
        Rate(**rate)


@pytest.mark.parametrize("rate", [{"base": 0}, {"base": -1}, {"base": float("nan")}, {"base": 1, "warmup": -1}])
def test_a_rate_that_trains_nothing_is_refused(rate: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        Rate(**rate)
