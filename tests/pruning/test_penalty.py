"""What is added to the loss that is trained, and to no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from lth_lib.models import LeNet, ResNet
from lth_lib.pruning.forward import SRSTE, Forward, Masked, Movement
from lth_lib.pruning.penalty import Penalty, Scales, Unseen
from lth_lib.spec import SpecError
from lth_lib.training import kernels
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import SGD, Rate, Setting
from lth_lib.training.train import Trainer


def test_the_scales_of_batch_norm_by_hand() -> None:
    params = {"a.scale": torch.tensor([2.0, -3.0], requires_grad=True), "a.weight": torch.ones(2, 2)}
    found = Scales(0.1).of(params, params, {})
    assert found.item() == pytest.approx(0.5)
    found.backward()
    np.testing.assert_allclose(params["a.scale"].grad, [0.1, -0.1])


@pytest.mark.parametrize("forward", [SRSTE(1, 2), Movement(0.5), Masked()], ids=lambda one: type(one).__name__)
def test_what_is_not_seen_by_hand(forward: Forward) -> None:
    """The gradient is strength * (1 - m) w, exactly, whatever gradient the forward lets through."""
    weight = torch.tensor([[3.0, -2.0, 0.5, 4.0]], requires_grad=True)
    params = {"a.weight": weight, "a.weight.score": torch.tensor([[1.0, 0.0, 0.0, 1.0]])}
    masks = {"a.weight": torch.tensor([[1.0, 0.0, 0.0, 1.0] if forward == Masked() else [1.0] * 4])}
    found = Unseen(0.5).of(params, forward.seen(params, masks), masks)
    assert found.item() == 0.25 * (4 + 0.25)
    found.backward()
    assert weight.grad.tolist() == [[0.0, -1.0, 0.25, 0.0]]


def started(forward: Forward, penalty: Penalty | None, network: str = "LeNet", **recipe: Any) -> Trainer:
    given = tiny.setting(SGD())
    changed = replace(given.recipe, forward=forward, penalty=penalty, **recipe)
    if network == "ResNet":
        return tiny.trainer(Setting(tiny.Colour(), ResNet(1), changed))
    return tiny.trainer(replace(given, recipe=changed))


def test_a_step_of_sr_ste_is_that_of_the_paper() -> None:
    """w - rate * (g + strength * (1 - m) w), where g is the gradient by what is seen."""
    with_it, without = (started(SRSTE(), one, rate=Rate(0.5)) for one in (Unseen(0.1), None))
    begun = {name: value.clone() for name, value in without.state.params.items()}
    _, seen = SRSTE().leaves(begun, without.state.masks)
    for training in (with_it, without):
        training.take(0, 1)
    for name, value in without.state.params.items():
        drawn = 0.5 * 0.1 * begun[name] * ~seen[name] if name in seen else torch.zeros(())
        torch.testing.assert_close(with_it.state.params[name], value - drawn)


CASES = {"LeNet": (SRSTE(), Unseen(0.1)), "scores": (Movement(0.5), Unseen(0.1)), "ResNet": (Masked(), Scales(0.1))}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["lifted", "captured"])
def test_every_kernel_adds_it(case: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A step is recorded after three. Of batch norm they are short: on some processors an activation near zero, whose
    # sign the order of a sum decides, otherwise makes all the difference.
    how: dict[str, Any] = {"segment": 5} | ({"rate": Rate(0.005)} if case == "ResNet" else {})
    loop = started(*CASES[case], network=case, **how)
    assert isinstance(loop._kernel, LoopedKernel)
    tiny.use_kernel(kind, monkeypatch)
    other, without = (started(CASES[case][0], one, network=case, **how) for one in (CASES[case][1], None))
    for training in (loop, other, without):
        training.advance(5)
    close = {"rtol": 1e-3, "atol": 1e-4}
    torch.testing.assert_close(loop.state.params, other.state.params, **close)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(without.state.params, other.state.params, **close)


@pytest.mark.parametrize("kind", ["looped", "lifted"])
def test_losses_that_are_recorded_are_without_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    first = [started(Masked(), one, "ResNet").take(0, 1) for one in (None, Scales(100.0))]
    assert torch.equal(*first)


def test_scales_that_are_penalised_end_smaller() -> None:
    plain, slim = (tiny.finish(started(Masked(), one, "ResNet")) for one in (None, Scales(0.5)))
    sizes = [sum(v.abs().sum() for n, v in one.state.params.items() if n.endswith(".scale")) for one in (plain, slim)]
    assert sizes[1] < 0.1 * sizes[0]
    slim.check()


def test_what_has_a_penalty_is_not_compiled() -> None:
    plain, penalised = (tiny.setting(penalty=one) for one in (None, Unseen()))
    assert kernels.compilable(plain)
    assert not kernels.compilable(penalised)
    assert not kernels.compilable(replace(plain, model=LeNet(norm=True))), "nor what is normalised over the batch"


def test_a_recipe_without_penalty_keeps_its_digest() -> None:
    given = tiny.setting().recipe
    assert replace(given, penalty=None).digest == given.digest != replace(given, penalty=Unseen()).digest


def test_what_is_no_penalty_is_refused() -> None:
    with pytest.raises(SpecError, match=r"strength was 0\.0; it is what a penalty is multiplied by, above 0"):
        Unseen(0.0)
    with pytest.raises(SpecError, match=r"those of batch norm, which none of \['fc1', 'fc2', 'out'\] has"):
        tiny.setting(penalty=Scales())
