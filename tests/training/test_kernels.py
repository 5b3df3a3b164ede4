"""However the steps are computed, they are the same steps."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F

from lth_lib.data import Classification, Crops
from lth_lib.data.task import cross_entropy
from lth_lib.masks import Masks
from lth_lib.models import BatchNorm, Conv, LeNet, Model, ResNet
from lth_lib.models.model import Layer, Shape, Start, dense, drawn
from lth_lib.pruning.forward import Forward, Masked
from lth_lib.replicates import Tree, stream
from lth_lib.spec import Spec, SpecError
from lth_lib.training import kernels
from lth_lib.training.kernels import CapturedKernel, Kernel, LiftedKernel, LoopedKernel
from lth_lib.training.kernels.compiled import CompiledKernel
from lth_lib.training.recipe import Adam, Rate, Setting
from lth_lib.training.train import Trainer


def chosen(setting: Setting) -> Kernel:
    seeds = (0, 1)
    return kernels.choose(setting, *tiny.weights_of(setting, seeds), tiny.ones(setting, seeds), {})


def test_a_lenet_on_a_cpu_is_trained_by_compiled_functions_and_others_in_a_loop() -> None:
    short = tiny.setting()
    assert isinstance(chosen(short), CompiledKernel)
    assert isinstance(chosen(tiny.setting(tiny.SGDM)), CompiledKernel)
    colour = replace(short, data=tiny.Colour())
    assert isinstance(chosen(replace(colour, model=Conv(2))), LoopedKernel), "convolutions"
    assert isinstance(chosen(replace(colour, model=ResNet(1))), LoopedKernel), "batch normalisation"
    assert isinstance(chosen(tiny.setting(precision="bfloat16")), LoopedKernel), "autocast"
    assert isinstance(chosen(tiny.setting(augment=Crops(1))), LoopedKernel), "augmentation"
    assert isinstance(chosen(replace(short, model=Tanh((8,)))), LoopedKernel), "a model of one's own"
    assert isinstance(chosen(tiny.setting(forward=Own())), LoopedKernel), "a forward of one's own"


@pytest.mark.parametrize(("final", "field"), [(LeNet, "model"), (Masked, "forward"), (Adam, "optimiser")])
def test_a_subclass_is_refused_and_if_it_were_not_it_would_not_be_trained_as_its_parent(
    final: type[Spec], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SpecError, match="could be trained as its parent"):
        type("Own", (final,), {})
    monkeypatch.setattr(Spec, "__init_subclass__", classmethod(lambda cls: None))
    own, given = type("Own", (final,), {})(), tiny.setting()
    held = {"model": own} if field == "model" else {"recipe": replace(given.recipe, **{field: own})}
    given = replace(given, **held)
    assert isinstance(chosen(given), LoopedKernel)


def test_without_numba_there_is_a_warning_and_the_general_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.warns(UserWarning, match=r"numba is not installed.*pip install -r requirements\.txt"):
        assert isinstance(chosen(tiny.setting()), LoopedKernel)


def test_the_library_is_imported_without_numba() -> None:
    program = "import sys; sys.modules['numba'] = None; import lth_lib.__main__"
    process = tiny.python(program)
    _, said = process.communicate()
    assert process.returncode == 0, said


@dataclass(frozen=True)
class Tanh(Model):
    """A LeNet's layers with another function between them."""

    hidden: tuple[int, ...] = (300, 100)

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        return LeNet(self.hidden).layers(shape, classes)

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        return dense(p, "out", torch.tanh(dense(p, "fc1", x.flatten(1))))


def both(model: Model, **recipe: Any) -> tuple[Trainer, Trainer]:
    """Return two trainings of one start, one vmapped and one in a loop."""
    given = replace(tiny.setting(tiny.SGDM, **recipe), data=tiny.Colour(), model=model)
    masks = tiny.random_masks(given, 0.5)
    one, other = tiny.trainer(given, masks), tiny.trainer(given, masks)
    one.use(LiftedKernel)
    assert isinstance(other._kernel, LoopedKernel)
    return one, other


@pytest.mark.parametrize("model", [Conv(1, (8,)), ResNet(1)], ids=["Conv", "ResNet"])
def test_a_loop_over_replicates_takes_the_vmapped_steps(model: Model) -> None:
    one, other = both(model, segment=2)
    for training in (one, other):
        training.advance(2)
    near = {"rtol": 1e-3, "atol": 1e-4}
    torch.testing.assert_close(one.state.params, other.state.params, **near)
    torch.testing.assert_close(one.state.statistics, other.state.statistics, **near)
    torch.testing.assert_close(one.state.slots, other.state.slots, **near)
    for name, rows in one.state.history.items():
        np.testing.assert_allclose(rows, other.state.history[name], rtol=1e-2, atol=1e-3, err_msg=name)
    other.check()


@dataclass(frozen=True)
class Own(Forward):
    """What `Masked` does, and not by that name."""

    remasks: ClassVar[bool] = False

    @property
    def groups(self) -> None:
        return None

    def check(self, layers: tuple[Layer, ...]) -> None:
        pass

    def seen(self, params: Tree, masks: Tree) -> Tree:
        return {name: value * masks[name] if name in masks else value for name, value in params.items()}

    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        return {}

    def trains(self, name: str) -> bool:
        return True

    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        return params, masks


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_loop_that_masks_gradients_alone_takes_the_steps_of_one_that_masks_weights(precision: str) -> None:
    model = Conv(1, (8,), 8)
    one, other = (both(model, precision=precision, forward=forward)[1] for forward in (Masked(), Own()))
    assert isinstance(one._kernel, LoopedKernel)
    assert one._kernel.seen == {}
    for training in (one, other):
        training.advance(10)
        training.check()
    assert tiny.same_tree(one.state.params, other.state.params)
    assert tiny.same_tree(one.state.slots["momentum_buffer"], other.state.slots["momentum_buffer"])


def test_bfloat16_rounds_the_products_and_only_them() -> None:
    full, low = (both(Conv(1, (8,), 8), precision=p)[1] for p in ("float32", "bfloat16"))
    for training in (full, low):
        training.advance(10)
    assert {value.dtype for value in low.state.params.values()} == {torch.float32}
    moved = (full.state.params["conv1.weight"] - low.state.params["conv1.weight"]).abs().max()
    assert 0 < moved < 0.05
    assert abs(full.state.history["valid_loss"][-1] - low.state.history["valid_loss"][-1]).max() < 0.2


@pytest.mark.parametrize("model", [Conv(1, (8,), 8), ResNet(1)], ids=["Conv", "ResNet"])
def test_bfloat16_vmapped_is_bfloat16_in_a_loop(model: Model) -> None:
    one, other = both(model, precision="bfloat16", segment=1)
    for training in (one, other):
        training.advance(1)
    torch.testing.assert_close(one.state.params, other.state.params, rtol=0.1, atol=0.01)
    assert {value.dtype for value in other.state.statistics.values()} <= {torch.float32}


def test_a_replayed_step_is_the_step() -> None:
    given = tiny.setting(rate=Rate(2**-7))  # the same number as a float and in a tensor
    plain, replayed = tiny.trainer(given), tiny.trainer(given)
    recorded = []

    def record(body: Callable[[], None]) -> Callable[[], None]:
        recorded.append(body)
        return body

    state = replayed.state
    inner = LiftedKernel(given, state.params, state.statistics, state.masks, state.slots)
    replayed._kernel = CapturedKernel(inner, record)
    plain.use(LiftedKernel)
    for training in (plain, replayed):
        training.advance(given.recipe.steps)
        training.advance(given.recipe.steps)
    assert len(recorded) == 1
    assert tiny.same_tree(plain.state.params, replayed.state.params)
    assert all(tiny.same_tree(tree, replayed.state.slots[slot]) for slot, tree in plain.state.slots.items())
    for name, rows in plain.state.history.items():
        np.testing.assert_array_equal(rows, replayed.state.history[name], err_msg=name)


def test_the_loss_is_cross_entropy_and_the_answer_the_largest_logit() -> None:
    labels = torch.tensor([0, 1, 2, 3])
    logits = torch.from_numpy(stream(0, "kernels").standard_normal((4, 5), dtype="float32"))
    torch.testing.assert_close(cross_entropy(logits, labels), F.cross_entropy(logits, labels, reduction="none"))
    assert Classification().right(torch.tensor([[0.0, 2.0], [3.0, 1.0]]), torch.tensor([1, 1])).tolist() == [1, 0]


# The gradient of a shortcut that reads four channels was written out of bounds, which can end a process at any time.
NARROW = """
import tiny
from lth_lib.models import ResNet
from lth_lib.training.recipe import Rate, Recipe, Setting

ResNet.widths = (4, 8, 16)
given = Setting(tiny.Colour(), ResNet(1), Recipe(tiny.SGDM, Rate(0.02), batch=4, steps=30, segment=30, test_every=30))
tiny.finish(tiny.trainer(given)).check()
"""


def test_where_it_is_safe_channels_are_last() -> None:
    given = replace(tiny.setting(tiny.SGDM), data=tiny.Colour(), model=ResNet(1))
    assert chosen(given).last, "the published widths"


def test_a_residual_network_of_few_channels_is_trained_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_CHECK_", "3")
    process = tiny.python(NARROW)
    _, said = process.communicate()
    assert process.returncode == 0, said
