"""What every schedule, learning rate, optimiser and penalty must be, new ones included."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from examples import every
from rows import ORDER, copy, permuted, subject
from tiny import Colour, random_masks, same_tree, setting, weights_of

from lth_lib.models import ResNet
from lth_lib.pruning.penalty import Penalty
from lth_lib.pruning.schedule import Schedule
from lth_lib.replicates import Tree, lift
from lth_lib.spec import SpecError
from lth_lib.training.recipe import LearningRate, Optimiser


@every(Schedule)
def test_a_schedule_is_possible_levels(value: Schedule) -> None:
    assert value.levels() == value.levels()
    assert len(value.levels()) > 0
    for rate, rounds in value.levels():
        assert 0 < rate < 1
        assert isinstance(rounds, int)
        assert rounds > 0


@every(LearningRate)
def test_a_learning_rate_is_a_number_above_zero_at_every_step(value: LearningRate) -> None:
    rates = [value.at(step) for step in range(10)]
    assert rates == [value.at(step) for step in range(10)]
    assert all(0 < rate < float("inf") for rate in rates)


def stepped(value: Optimiser, params: Tree) -> tuple[Tree, dict[str, dict[str, torch.Tensor]]]:
    """Return what three steps make of parameters, and the optimiser's slots."""
    tensors = [tensor.clone() for tensor in params.values()]
    optimiser = value.build(tensors)
    for step in range(3):
        for group in optimiser.param_groups:
            group["lr"] = 0.1 * (step + 1)
        for tensor, given in zip(tensors, params.values(), strict=True):
            tensor.grad = (given * (step - 0.5)).sin()
        optimiser.step()
    slots = {name: dict(optimiser.state.get(t, {})) for name, t in zip(params, tensors, strict=True)}
    return dict(zip(params, tensors, strict=True)), slots


@every(Optimiser)
def test_an_optimiser_is_element_wise(value: Optimiser) -> None:
    params = subject().weights
    whole, _ = stepped(value, params)
    moved, _ = stepped(value, permuted(params))
    for name, tensor in whole.items():
        assert (tensor != params[name]).any()
        torch.testing.assert_close(moved[name], tensor[ORDER])
        torch.testing.assert_close(stepped(value, {name: params[name][1:2]})[0][name], tensor[1:2])


@every(Optimiser)
def test_an_optimiser_keeps_at_zero_what_has_no_weight_and_no_gradient(value: Optimiser) -> None:
    moved, _ = stepped(value, {"a": torch.zeros(3, 4)})
    assert (moved["a"] == 0).all()


@every(Optimiser)
def test_the_slots_of_an_optimiser_are_shaped_like_its_parameters_or_one_number(value: Optimiser) -> None:
    params, _ = weights_of(setting())
    for name, slots in stepped(value, params)[1].items():
        for slot in slots.values():
            assert slot is None or slot.shape in (params[name].shape, ())


def penalised() -> tuple[Tree, Tree, Tree]:
    """Return parameters of a network with batch norm, what is seen of them, and the masks of that as 0 and 1."""
    given = replace(setting(), data=Colour(), model=ResNet(1))
    params, _ = weights_of(given)
    masks = {name: mask.float() for name, mask in random_masks(given, 0.5).items()}
    return params, params | {name: params[name] * mask for name, mask in masks.items()}, masks


@every(Penalty)
def test_a_penalty_is_a_number_above_zero_of_each_replicate(value: Penalty) -> None:
    trees = penalised()
    before = [copy(tree) for tree in trees]
    found = lift(value.of)(*trees)
    assert found.shape == (3,)
    assert (found > 0).all()
    torch.testing.assert_close(lift(value.of)(*map(permuted, trees)), found[ORDER])
    for row, one in enumerate(found):
        torch.testing.assert_close(value.of(*({name: t[row] for name, t in tree.items()} for tree in trees)), one)
    assert all(map(same_tree, trees, before))


@every(Penalty)
def test_a_penalty_grows_with_its_strength_and_pulls_what_it_penalises_towards_zero(value: Penalty) -> None:
    params, seen, masks = ({name: t[0] for name, t in tree.items()} for tree in penalised())
    twice = replace(value, strength=2 * value.strength)
    torch.testing.assert_close(twice.of(params, seen, masks), 2 * value.of(params, seen, masks))
    slope = torch.func.grad(lambda p: value.of(p, p | {name: p[name] * m for name, m in masks.items()}, masks))
    pulls = {name: found * params[name] for name, found in slope(params).items()}
    assert all((pull >= 0).all() for pull in pulls.values())
    assert any((pull > 0).any() for pull in pulls.values())
    with pytest.raises(SpecError, match=r"strength was -1\.0"):
        replace(value, strength=-1.0)
