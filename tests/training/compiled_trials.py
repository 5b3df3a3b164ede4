"""Networks of odd widths, and their steps beside those of torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
import tiny
import torch

from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.replicates import Tree, stream
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.kernels.compiled import CompiledKernel
from lth_lib.training.recipe import Adam, Setting
from lth_lib.training.train import Trainer

BOTH = pytest.mark.parametrize("kind", ["dense", "sparse"])


@dataclass(frozen=True)
class Odd(tiny.Grey):
    """Three colours of 5x3 pixels, no channel like another, in three classes."""

    classes: ClassVar[int] = 3
    shape: ClassVar[tuple[int, int, int]] = (3, 5, 3)
    mean: ClassVar[tuple[float, ...]] = (0.5, 0.0, 0.2)
    std: ClassVar[tuple[float, ...]] = (0.3, 1.0, 0.4)


def masks_of(given: Setting, density: float, seeds: tuple[int, ...] = tiny.SEEDS) -> Masks:
    """Return masks in which chance has kept each weight with such a probability."""
    return {
        name: torch.from_numpy(stream(0, "compiled", name).random(weight.shape) < density)
        for name, weight in tiny.weights_of(given, seeds)[0].items()
        if name in tiny.kinds_of(given)
    }


def looped(given: Setting, masks: Masks, params: Tree | None = None) -> Trainer:
    """Return a training by the general kernel."""
    training = tiny.trainer(given, masks, params=params)
    training.use(LoopedKernel)
    return training


def assert_same_steps(given: Setting, masks: Masks, params: Tree | None = None) -> Trainer:
    """Assert that the compiled kernel trains as the general one does, and return its training."""
    ours, general = tiny.trainer(given, masks, params=params), looped(given, masks, params)
    assert isinstance(ours._kernel, CompiledKernel)
    for training in (ours, general):
        tiny.finish(training)
    near = {"rtol": 1e-4, "atol": 1e-5}
    torch.testing.assert_close(ours.state.params, general.state.params, **near)
    torch.testing.assert_close(ours.state.slots, general.state.slots, **near)
    for name, rows in tiny.columns(ours).items():
        np.testing.assert_allclose(rows, tiny.columns(general)[name], rtol=1e-4, atol=1e-5, err_msg=name)
    ours.check()
    return ours


def of(hidden: tuple[int, ...], batch: int, optimiser: Any = None, **recipe: Any) -> Setting:
    # Adam would make much of the rounding of a gradient that is almost nothing; with an epsilon it does not.
    short = tiny.setting(optimiser or Adam(epsilon=1e-3), batch=batch, steps=4, segment=2, test_every=4, **recipe)
    return replace(short, data=Odd(), model=LeNet(hidden))
