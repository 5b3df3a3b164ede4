"""A device proves itself: tiny trainings on it find the losses that a plain loop on the CPU finds."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from lth_lib.data import Images
from lth_lib.data.examples import Both, Examples
from lth_lib.masks import Masks
from lth_lib.models import LeNet, Model, ResNet
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.forward import Popup
from lth_lib.replicates import stream
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting
from lth_lib.training.state import beginning
from lth_lib.training.train import Trainer

LINEAR, CONVOLUTIONS = LeNet((32, 16)), ResNet(1)
"""One network of fully connected layers, and one of convolutions with batch norm."""

WAYS: dict[str, dict[str, Any]] = {
    "": {},
    " whose masks are replaced": {"dynamics": Gradual(every=4, until=8, density=0.5)},
    " whose masks are learned": {"forward": Popup(0.5)},
}
"""Masks that stay, on which a step is recorded once; that are replaced, so that it is again; and that are learned."""

# What is kept is decided by the last bits of a number; behind a batch norm the loss shows it.
TRAININGS: tuple[tuple[Model, str], ...] = (*((LINEAR, way) for way in WAYS), (CONVOLUTIONS, ""))
"""What is trained, each in every precision."""

ALLOWED = {"float32": 1e-3, "bfloat16": 5e-2}
"""How far a loss may be from the CPU's, as a share of it, in each precision."""

SEEDS, STEPS, SEGMENT = (0, 1), 12, 4


@dataclass(frozen=True)
class Patterns(Images):
    """Four noisy patterns in colour: 200 to train, 40 to validate, 40 to test."""

    classes: ClassVar[int] = 4
    shape: ClassVar[tuple[int, int, int]] = (3, 16, 16)
    mean: ClassVar[tuple[float, ...]] = (0.5, 0.5, 0.5)
    std: ClassVar[tuple[float, ...]] = (0.3, 0.3, 0.3)
    held_out: ClassVar[int] = 40

    def examples(self) -> Both:
        """Return 240 training examples and 40 test examples."""
        return self._drawn("train", 240), self._drawn("test", 40)

    def _drawn(self, part: str, count: int) -> Examples:
        patterns = stream(0, "proof", "patterns").normal(128, 40, (self.classes, *self.shape))
        labels = np.arange(count) % self.classes
        noise = stream(0, "proof", part).normal(0, 80, (count, *self.shape))
        return Examples((patterns[labels] + noise).clip(0, 255).astype(np.uint8), labels, part)


class ProofError(RuntimeError):
    """A device does not train as the CPU does: says in what, and by how much."""


def prove(device: str) -> str:
    """Return what was found of a device; raises `ProofError` if it trains any network otherwise than the CPU does."""
    farthest = dict.fromkeys(ALLOWED, 0.0)
    for (model, way), precision in itertools.product(TRAININGS, ALLOWED):
        setting, allowed = _setting(model, precision, way), ALLOWED[precision]
        far = _apart(losses(setting, device), losses(setting, "cpu", plain=True))
        if not far <= allowed:  # NaN is not
            raise ProofError(
                f"{device} is not fit to train: after {STEPS} steps of {type(model).__name__} in {precision}{way} a "
                f"loss is {far:.1e} of itself away from the CPU's, and {allowed:g} is allowed; nothing was trained."
            )
        farthest[precision] = max(farthest[precision], far)
    found = " and ".join(f"{far:.0e} in {name} ({ALLOWED[name]:g} is allowed)" for name, far in farthest.items())
    return f"{device} trains as the CPU does: no loss is farther from the CPU's than {found}."


def losses(setting: Setting, device: str, *, plain: bool = False) -> np.ndarray:
    """Return the losses of a tiny training on its batches and in validation, [2, S, R]; `plain` is by the loop."""
    params, statistics = setting.initial(SEEDS, device=device)
    none = torch.zeros(len(SEEDS), dtype=torch.bool, device=device)
    masks = _masks(setting, device)
    beside = setting.recipe.forward.beside({name: params[name] for name in masks}, SEEDS)
    state = beginning(params | beside, statistics, masks, 0, none)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a kernel for the CPU that is not installed
        trainer = Trainer(setting, SEEDS, "", state)
    if plain:
        trainer.use(LoopedKernel)
    while state.step < STEPS:
        trainer.advance(STEPS)
    trainer.check()
    return np.stack([np.stack(state.history[name][1:]) for name in ("train_loss", "valid_loss")])


def _apart(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return how far the farthest of some numbers is from what was wanted, as a share of it."""
    return float(np.abs(found / wanted - 1).max())


def _setting(model: Model, precision: str, way: str = "") -> Setting:
    # Where a gradient is little but rounding, Adam would take a whole step in the direction of its sign.
    adam = Adam(epsilon=1e-2)
    recipe = Recipe(adam, Rate(1e-2), batch=20, steps=STEPS, segment=SEGMENT, test_every=STEPS, precision=precision)
    return Setting(Patterns(), model, replace(recipe, **WAYS[way]))


def _masks(setting: Setting, device: str) -> Masks:
    """Return masks that keep half of the weights, by chance."""
    layers = setting.layers
    names = {f"{layer.name}.weight": (len(SEEDS), *layer.shape) for layer in layers}
    return {
        name: torch.from_numpy(stream(0, "proof", name).random(shape) < 0.5).to(device) for name, shape in names.items()
    }
