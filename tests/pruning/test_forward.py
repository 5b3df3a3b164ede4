"""What the loss sees, and so where a gradient flows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from lth_lib import masks as mask_rules
from lth_lib.models import Conv, LeNet
from lth_lib.pruning.forward import SRSTE, Forward, Masked, Movement, Popup
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.penalty import Unseen
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Neighbours
from lth_lib.pruning.scope.base import largest
from lth_lib.replicates import stream
from lth_lib.results import checkpoint
from lth_lib.results.store import Place
from lth_lib.spec import SpecError
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import Optimiser
from lth_lib.training.train import Trainer


def test_a_masked_weight_contributes_nothing_and_receives_no_gradient() -> None:
    params = {"a.weight": torch.tensor([[2.0, -3.0], [4.0, 5.0]]), "a.bias": torch.tensor([1.0, 1.0])}
    masks = {"a.weight": torch.tensor([[1.0, 0.0], [0.0, 1.0]])}
    seen = Masked().seen(params, masks)
    assert seen["a.weight"].tolist() == [[2, 0], [0, 5]]
    assert seen["a.bias"] is params["a.bias"]
    gradient = torch.func.grad(lambda p: (Masked().seen(p, masks)["a.weight"] ** 2).sum())(params)
    assert gradient["a.weight"].tolist() == [[4, 0], [0, 10]]


def test_without_masks_the_parameters_are_seen_as_they_are() -> None:
    params = {"a.weight": torch.ones(2, 2), "a.scale": torch.ones(2)}
    assert Masked().seen(params, {}) == params


POPUP = Popup(0.3)
MODELS = {"LeNet": LeNet((16, 8)), "Conv": Conv(1, (8,), 8)}


def popped(name: str = "LeNet", forward: Forward = POPUP, **recipe: Any) -> Trainer:
    given = tiny.setting(forward=forward, **recipe)
    data = given.data if name == "LeNet" else tiny.Colour()
    return tiny.trainer(replace(given, data=data, model=MODELS[name]))


def test_edge_popup_by_hand() -> None:
    """Two of four weights are kept; a score's gradient is its sign times w dL/d(w m), its weight kept or not."""
    params = {
        "a.weight": torch.tensor([[2.0, 3.0, 5.0, 7.0]]),
        "a.weight.score": torch.tensor([[-0.9, 0.1, 0.5, -0.2]], requires_grad=True),
        "a.bias": torch.tensor([1.0]),
    }
    seen = Popup(0.5).seen(params, {"a.weight": torch.ones(1, 4)})
    assert seen.keys() == {"a.weight", "a.bias"}
    assert seen["a.weight"].tolist() == [[2.0, 0.0, 5.0, 0.0]]
    (seen["a.weight"] * torch.tensor([[1.0, 10.0, 100.0, 1000.0]])).sum().backward()
    assert params["a.weight.score"].grad.tolist() == [[-2.0, 30.0, 500.0, -7000.0]]


def test_movement_pruning_by_hand() -> None:
    """A score's gradient is w dL/d(w m), and a weight's dL/d(w m) where it is kept; -0.9 is worth less than 0.1."""
    params = {
        "a.weight": torch.tensor([[2.0, 3.0, 5.0, 7.0]], requires_grad=True),
        "a.weight.score": torch.tensor([[-0.9, 0.1, 0.5, -0.2]], requires_grad=True),
    }
    seen = Movement(0.5).seen(params, {"a.weight": torch.ones(1, 4)})["a.weight"]
    assert seen.tolist() == [[0.0, 3.0, 5.0, 0.0]]
    (seen * torch.tensor([[1.0, 10.0, -100.0, 1000.0]])).sum().backward()
    assert params["a.weight.score"].grad.tolist() == [[2.0, 30.0, -500.0, 7000.0]]
    assert params["a.weight"].grad.tolist() == [[0.0, 10.0, -100.0, 0.0]]


def test_movement_begins_with_the_mask_of_magnitude() -> None:
    begun = popped(forward=Movement(0.3)).state
    _, left = Movement(0.3).leaves(begun.params, begun.masks)
    by_size = Pruner().prune(tiny.subject(tiny.setting()), 0.7)
    assert tiny.same_tree(left, by_size)


def test_movement_trains_all_and_moves_its_masks() -> None:
    done, begun = tiny.finish(popped(forward=Movement(0.3))), popped(forward=Movement(0.3))
    assert all((value != begun.state.params[name]).any() for name, value in done.state.params.items())
    before, after = (Movement(0.3).leaves(one.state.params, one.state.masks)[1] for one in (begun, done))
    for name, mask in after.items():
        assert not torch.equal(mask, before[name])
        assert torch.equal(mask.flatten(1).sum(1), before[name].flatten(1).sum(1))


def test_two_of_four_are_seen_and_all_are_trained_by_hand() -> None:
    """The largest of each four neighbours, of equal ones the first; the gradient is that of a dense layer."""
    weight = torch.tensor([[1.0, -3.0, 2.0, -2.0, 0.0, 4.0, -5.0, 6.0]], requires_grad=True)
    masks = {"a.weight": torch.tensor([[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]])}
    seen = SRSTE(2, 4).seen({"a.weight": weight, "a.bias": torch.ones(1)}, masks)
    assert seen["a.weight"].tolist() == [[0.0, -3.0, 2.0, 0.0, 0.0, 4.0, -5.0, 0.0]], "6 is masked from the start"
    (seen["a.weight"] * torch.arange(1.0, 9.0)).sum().backward()
    assert weight.grad.tolist() == [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 0.0]]
    assert seen["a.bias"].tolist() == [1.0]


@pytest.mark.parametrize(("kept", "of"), [(2, 4), (1, 4), (2, 8), (4, 8)])
@pytest.mark.parametrize("name", MODELS)
def test_a_pattern_is_that_of_the_scope_by_magnitude(name: str, kept: int, of: int) -> None:
    given = replace(tiny.setting(), data=popped(name).setting.data, model=MODELS[name])
    subject = tiny.subject(given)
    for weight in subject.weights.values():
        weight[:, 0, :3] = 0.25  # some that are equal
    left = SRSTE(kept, of).leaves(subject.weights, subject.masks)[1]
    scope = Neighbours(of)
    sizes = {weight: value.abs() for weight, value in subject.weights.items()}
    assert tiny.same_tree(left, scope.keep(sizes, subject.masks, given.kinds, 1 - kept / of))
    assert sum(mask.shape[2] % of > 0 and bool(mask.all()) for mask in left.values()) == (name == "Conv")


def test_a_pattern_follows_the_weights_and_a_layer_it_does_not_divide_stays_dense() -> None:
    begun, done = popped(forward=SRSTE()), tiny.finish(popped(forward=SRSTE()))
    (_, before), (_, after) = (SRSTE().leaves(one.state.params, one.state.masks) for one in (begun, done))
    assert not tiny.same_tree(before, after)
    assert tiny.columns(done)["density"].tolist() == [[0.5] * 3] * 5
    with pytest.warns(UserWarning, match=r"Layers whose inputs 4 does not divide stay dense: conv1 \(3\)"):
        popped("Conv", SRSTE())


def test_what_is_masked_from_the_start_is_never_kept() -> None:
    params = {"a.weight": torch.ones(1, 1, 4), "a.weight.score": torch.tensor([[[9.0, 1.0, 3.0, 2.0]]])}
    masks = {"a.weight": torch.tensor([[[False, True, True, True]]])}
    assert Popup(0.5).leaves(params, masks)[1]["a.weight"].tolist() == [[[False, False, True, True]]]
    assert Popup(1.0).leaves(params, masks)[1]["a.weight"].tolist() == masks["a.weight"].tolist()


def test_of_equal_scores_the_first_stay_and_counts_are_exact() -> None:
    params = {"a.weight": torch.ones(2, 1, 7), "a.weight.score": torch.ones(2, 1, 7)}
    left = Popup(0.5).leaves(params, {"a.weight": torch.ones(2, 1, 7, dtype=torch.bool)})[1]["a.weight"]
    assert left.tolist() == [[[True] * 4 + [False] * 3]] * 2, "floor(0.5 * 7 + 1/2)"


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("optimiser", [tiny.ADAM, tiny.SGDM], ids=["Adam", "SGD with weight decay"])
def test_scores_alone_are_trained(name: str, optimiser: Optimiser) -> None:
    done = tiny.finish(popped(name, optimiser=optimiser))
    before = popped(name, optimiser=optimiser).state.params
    for key, value in done.state.params.items():
        assert torch.equal(value, before[key]) == (not key.endswith(".score")), key
    assert all(key.endswith(".score") for slot in done.state.slots.values() for key in slot)


def test_scores_alone_learn() -> None:
    losses = tiny.columns(tiny.finish(popped()))["valid_loss"]
    assert (losses[-1] < losses[0] - 0.1).all()


LEARNED = [POPUP, Movement(0.3), SRSTE()]


@pytest.mark.parametrize("forward", LEARNED, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("kind", ["lifted", "captured"])
@pytest.mark.parametrize("name", MODELS)
def test_a_loop_takes_the_steps_of_every_other_kernel(
    name: str, kind: str, forward: Forward, monkeypatch: pytest.MonkeyPatch
) -> None:
    short: dict[str, Any] = {"optimiser": tiny.SGDM, "segment": 5}  # a step is recorded after three
    loop = popped(name, forward, **short)
    assert isinstance(loop._kernel, LoopedKernel)
    tiny.use_kernel(kind, monkeypatch)
    other = popped(name, forward, **short)
    for training in (loop, other):
        training.advance(5)
    torch.testing.assert_close(loop.state.params, other.state.params, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("forward", LEARNED, ids=lambda one: type(one).__name__)
def test_resumed_it_is_the_same_training(forward: Forward, place: Place) -> None:
    recipe = {"penalty": Unseen(0.1)}
    whole, first = tiny.finish(popped(forward=forward, **recipe)), popped(forward=forward, **recipe)
    first.advance(40)
    checkpoint.take(place / "run", first.state)
    again = popped(forward=forward, **recipe)
    assert checkpoint.resume(place / "run", again.state)
    again = tiny.finish(Trainer(again.setting, tiny.SEEDS, "", again.state))
    for tree in ("params", "best", "top"):
        assert tiny.same_tree(getattr(whole.state, tree), getattr(again.state, tree)), tree


@pytest.mark.parametrize("count", [0, 1, 7, 20, 40])
def test_the_largest_are_those_of_a_stable_sort(count: int) -> None:
    values = torch.from_numpy(stream(0, "ties").integers(-3, 4, 40)).float()
    values[::9], values[::7] = -torch.inf, torch.nan
    first = values.sort(descending=True, stable=True).indices[:count]
    assert largest(values, count).nonzero().flatten().tolist() == first.sort().values.tolist()


def test_density_is_that_of_what_the_loss_sees() -> None:
    done = tiny.finish(popped())
    network, left = POPUP.leaves(done.state.params, done.state.masks)
    assert network.keys() == tiny.weights_of(done.setting)[0].keys()
    for name, share in mask_rules.layer_density(left).items():
        np.testing.assert_allclose(share, 0.3, atol=0.5 / left[name][0].numel())
    np.testing.assert_array_equal(tiny.columns(done)["density"][-1], mask_rules.density(left))


def test_a_masked_bias_has_no_score_and_stays_masked() -> None:
    given = tiny.setting(forward=POPUP)
    masks = Pruner(granularity=Unit()).prune(tiny.subject(given), 0.5)
    assert not masks["fc1.bias"].all()
    done = tiny.finish(tiny.trainer(given, masks)).state
    assert {name for name in done.params if name.endswith(".score")} == {f"{name}.score" for name in given.kinds}
    _, left = POPUP.leaves(done.params, done.masks)
    assert torch.equal(left["fc1.bias"], masks["fc1.bias"])
    assert not (left["fc1.weight"] & ~masks["fc1.weight"]).any()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Popup(0.0), r"density was 0.0; it is kept weights over all, above 0 to 1\."),
        (lambda: Movement(1.5), "density was 1.5"),
        (lambda: SRSTE(2, 256), "of was 256; it is how many neighbours compete, 2 to 255"),
        (lambda: SRSTE(4, 4), "kept was 4; it is some of 4 neighbours, not all"),
        (lambda: tiny.setting(forward=SRSTE(1, 7)), "of was 7; it divides the inputs of no layer"),
    ],
)
def test_what_is_no_density_or_pattern_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        make()
