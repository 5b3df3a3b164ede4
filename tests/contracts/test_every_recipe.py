"""What every schedule, learning rate and optimiser must be, new ones included."""

from __future__ import annotations

import torch
from examples import every
from rows import ORDER, permuted, subject
from tiny import setting, weights_of

from lth_lib.pruning.schedule import Schedule
from lth_lib.replicates import Tree
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
