"""Squares of examples' own derivatives: of many examples together as of each alone, and of torch's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import tiny
import torch
import torch.nn.functional as F
from tiny import Colour, setting

from lth_lib.models import Conv, LeNet, Model, ResNet
from lth_lib.pruning.criteria import OBD
from lth_lib.replicates import Tree, stream
from lth_lib.training import squares as of_squares
from lth_lib.training.squares import AT_ONCE, squares

Network = Callable[[Tree, torch.Tensor], torch.Tensor]


def drawn(*shape: int) -> torch.Tensor:
    return torch.from_numpy(stream(0, "squares", *shape).standard_normal(shape))


def both(out: torch.Tensor) -> torch.Tensor:
    """Return two directions: one of each output, and one of the outputs themselves."""
    return torch.stack([torch.ones_like(out), out])


def expected(network: Network, weights: Tree, x: torch.Tensor) -> Tree:
    """Return the sums by a derivative for each example and direction."""
    total = {name: torch.zeros_like(value) for name, value in weights.items()}
    for one in x.split(1):
        for direction in both(network(weights, one)):
            slope = torch.func.vjp(lambda w, one=one: network(w, one), weights)[1](direction)[0]
            total = {name: value + slope[name].square() for name, value in total.items()}
    return total


def perceptron(w: Tree, x: torch.Tensor) -> torch.Tensor:
    return F.linear(F.relu(F.linear(x, w["a"])), w["b"])


def filters(w: Tree, x: torch.Tensor) -> torch.Tensor:
    seen = F.relu(F.conv2d(x.view(-1, 1, 4, 4), w["c"], stride=2, padding=1))
    return F.linear(seen.flatten(1), w["d"])


def grouped(w: Tree, x: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x.view(-1, 4, 2, 2), w["g"], groups=2).flatten(1)


def twice(w: Tree, x: torch.Tensor) -> torch.Tensor:
    return F.linear(F.linear(x, w["s"]).tanh(), w["s"])


def tied(w: Tree, x: torch.Tensor) -> torch.Tensor:
    return F.linear(x, w["a"]).tanh() @ w["a"]


def tokens(w: Tree, x: torch.Tensor) -> torch.Tensor:
    """What is read lies as [places, examples, 4]: the first axis is not the examples'."""
    return F.linear(x.view(-1, 4, 4).transpose(0, 1), w["t"]).transpose(0, 1).tanh().sum(1)


SHAPES = {"a": (3, 16), "b": (2, 3), "c": (3, 1, 3, 3), "d": (2, 12), "g": (4, 2, 2, 2), "s": (16, 16), "t": (3, 4)}
CASES = {perceptron: "ab", filters: "cd", grouped: "g", twice: "s", tied: "a", tokens: "t"}


@pytest.mark.parametrize("network", CASES, ids=lambda network: network.__name__)
@pytest.mark.parametrize("count", [1, 4, AT_ONCE + 3])
def test_they_are_those_of_each_example(network: Network, count: int) -> None:
    weights, x = {name: drawn(*SHAPES[name]) for name in CASES[network]}, drawn(count, 16)
    found = squares(network, weights, x, both)
    for name, value in expected(network, weights, x).items():
        torch.testing.assert_close(found[name], value)


@pytest.mark.parametrize(("network", "together"), [(perceptron, True), (filters, True), (twice, False), (tied, False)])
def test_only_what_each_example_is_multiplied_with_once_goes_together(
    network: Network, together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_squares, "_alone", lambda *given: pytest.fail("it is taken alone"))
    weights = {name: drawn(*SHAPES[name]) for name in CASES[network]}
    if together:
        squares(network, weights, drawn(4, 16), both)
    else:
        with pytest.raises(pytest.fail.Exception):
            squares(network, weights, drawn(4, 16), both)


def test_a_weight_that_nothing_depends_on_has_none() -> None:
    found = squares(lambda w, x: F.linear(x, w["a"]), {"a": drawn(3, 16), "b": drawn(2, 3)}, drawn(4, 16), both)
    assert found["a"].all()
    assert not found["b"].any()


@pytest.mark.parametrize("model", [LeNet((6, 5)), Conv(1, (4,), 8), ResNet(n=1)], ids=str)
def test_optimal_brain_damage_is_the_hessians_diagonal_in_every_layer(model: Model) -> None:
    own = replace(setting(), model=model, data=Colour() if isinstance(model, ResNet) else setting().data)
    given, scored = tiny.subject(own, tiny.random_masks(own, 0.3, (0,)), (0,)), 20
    x, y = given.asked.examples(5, "score", 0)
    scores = OBD(5).score(given)
    for name, weight in given.weights.items():
        some = torch.from_numpy(stream(0, "some", name).choice(weight.numel(), min(scored, weight.numel()), False))

        def loss(values: torch.Tensor, name: str = name, some: torch.Tensor = some) -> torch.Tensor:
            moved = given.weights[name].flatten().scatter(0, some, values).view_as(given.weights[name])
            return given.asked.loss(given.params | {name: moved}, given.factors, x, y).sum()

        values = weight.flatten()[some]
        bend = torch.func.hessian(loss)(values).diagonal().double()
        torch.testing.assert_close(scores[name].flatten()[some], bend * values**2 / 2, rtol=1e-3, atol=1e-9)
