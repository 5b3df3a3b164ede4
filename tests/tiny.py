"""A tiny study: images of some pixels, networks of some units, some dozens of steps."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from lth_lib import masks as mask_rules
from lth_lib.data import Dataset, Images
from lth_lib.data.examples import Both, Examples
from lth_lib.experiments.run import Run
from lth_lib.masks import Masks
from lth_lib.models import Layer, LeNet
from lth_lib.pruning.criteria import Random, Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.replicates import Tree, stream
from lth_lib.results.store import Place, Result, Store
from lth_lib.results.store.check import MADE
from lth_lib.training import kernels
from lth_lib.training.kernels import CapturedKernel, Kernel, LiftedKernel, LoopedKernel
from lth_lib.training.kernels.compiled import kernel as compiled
from lth_lib.training.probe import Probe
from lth_lib.training.recipe import SGD, Adam, Optimiser, Rate, Recipe, Setting
from lth_lib.training.state import beginning
from lth_lib.training.train import Trainer

SEEDS = (0, 1, 2)
KERNELS = ("dense", "sparse", "looped", "lifted", "captured")
ABOUT: dict[str, Any] = dict.fromkeys(MADE, "tested") | {"seconds": 1.0, "threads": 1}
"""What the provenance of a result says."""

ADAM, SGDM = Adam(), SGD(momentum=0.9, weight_decay=1e-3)


@dataclass(frozen=True)
class Grey(Images):
    """Four noisy patterns of 8x8 pixels: 200 to train, 40 to validate, 80 to test."""

    classes: ClassVar[int] = 4
    shape: ClassVar[tuple[int, int, int]] = (1, 8, 8)
    mean: ClassVar[tuple[float, ...]] = (0.5,)
    std: ClassVar[tuple[float, ...]] = (0.3,)
    held_out: ClassVar[int] = 40

    def examples(self) -> Both:
        return _draw(self, "train", 240), _draw(self, "test", 80)


@dataclass(frozen=True)
class Colour(Grey):
    """The same in colour, of 16x16 pixels, which the deepest network can pool."""

    shape: ClassVar[tuple[int, int, int]] = (3, 16, 16)
    mean: ClassVar[tuple[float, ...]] = (0.5, 0.5, 0.5)
    std: ClassVar[tuple[float, ...]] = (0.3, 0.3, 0.3)


def _draw(data: Dataset, part: str, count: int) -> Examples:
    patterns = stream(0, "tiny", "patterns").normal(128, 40, (data.classes, *data.shape))
    rng = stream(0, "tiny", part)
    labels = rng.integers(0, data.classes, count)
    images = rng.normal(patterns[labels], 80).clip(0, 255).astype(np.uint8)
    return Examples(images, labels, part)


def setting(optimiser: Optimiser = ADAM, **recipe: Any) -> Setting:
    """Return LeNet-16-8 on the grey patterns: 40 steps of 10 images, an evaluation every 10, a test every 20."""
    rate = Rate(1e-2 if isinstance(optimiser, Adam) else 0.05)
    short = Recipe(optimiser, rate, batch=10, steps=40, segment=10, test_every=20)
    return Setting(Grey(), LeNet((16, 8)), replace(short, **recipe))


def weights_of(given: Setting, seeds: tuple[int, ...] = SEEDS) -> tuple[Tree, Tree]:
    return given.initial(seeds)


def kinds_of(given: Setting) -> dict[str, str]:
    return given.kinds


def layers_of(given: Setting) -> tuple[Layer, ...]:
    return given.layers


def ones(given: Setting, seeds: tuple[int, ...] = SEEDS) -> Masks:
    params, _ = weights_of(given, seeds)
    return mask_rules.ones({name: params[name] for name in kinds_of(given)})


def random_masks(given: Setting, rate: float, seeds: tuple[int, ...] = SEEDS) -> Masks:
    """Return masks from which chance has taken `rate` of each layer."""
    return Pruner(Random()).prune(subject(given, seeds=seeds), rate)


def subject(given: Setting, masks: Masks | None = None, seeds: tuple[int, ...] = SEEDS, at: int = 0) -> Subject:
    """Return the initial weights of a setting as what is pruned, in some round."""
    params, statistics = weights_of(given, seeds)
    weights, probe = {name: params[name] for name in kinds_of(given)}, Probe(given, statistics, seeds)
    return Subject(weights, masks or ones(given, seeds), layers_of(given), seeds, at, params, probe)


def use_kernel(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train by the compiled kernel with every replicate dense or every replicate sparse, or by another."""
    monkeypatch.setattr(compiled, "SPARSE_BELOW", 2.0 if kind == "sparse" else 0.0)
    if kind in OTHERS:
        monkeypatch.setattr(kernels, "choose", OTHERS[kind])


def captured(*given: Any) -> Kernel:
    """Return the kernel of a GPU; what is recorded here is the step itself."""
    return CapturedKernel(LiftedKernel(*given), lambda body: body)


OTHERS: dict[str, Callable[..., Kernel]] = {"looped": LoopedKernel, "lifted": LiftedKernel, "captured": captured}


def trainer(
    given: Setting,
    masks: Masks | None = None,
    seeds: tuple[int, ...] = SEEDS,
    params: Tree | None = None,
    start: int = 0,
    diverged: tuple[int, ...] = (),
) -> Trainer:
    """Return a training before its first step."""
    own, statistics = weights_of(given, seeds)
    gone = torch.tensor([seed in diverged for seed in seeds])
    params, masks = params or own, masks or ones(given, seeds)
    beside = given.recipe.forward.beside({name: params[name] for name in masks}, seeds)
    state = beginning(params | beside, statistics, masks, start, gone)
    return Trainer(given, seeds, "", state)


def finish(training: Trainer) -> Trainer:
    """Train to the recipe's end."""
    while training.state.step < training.setting.recipe.steps:
        training.advance(training.setting.recipe.steps)
    return training


def columns(training: Trainer) -> dict[str, np.ndarray]:
    return {name: np.stack(rows) for name, rows in training.state.history.items()}


def store(folder: Place) -> Store:
    return Store(folder / "results", folder / "scratch")


def committed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store in a folder, which the command line takes for the book's."""
    monkeypatch.setenv("LTH_RESULTS", str(folder / "results"))
    monkeypatch.setenv("LTH_STORE", str(folder / "scratch"))
    return store(folder)


def same_tree(one: Tree, other: Tree) -> bool:
    """Say whether two trees are equal bit for bit."""
    return one.keys() == other.keys() and all(same_bits(value, other[name]) for name, value in one.items())


def same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Say whether two tensors are equal bit for bit, NaN included."""
    return one.shape == other.shape and one.numpy().tobytes() == other.numpy().tobytes()


def same_metrics(one: Result, other: Result) -> bool:
    """Say whether the metrics of two results are equal bit for bit."""
    return one.metrics.keys() == other.metrics.keys() and all(
        value.dtype == other.metrics[name].dtype and value.tobytes() == other.metrics[name].tobytes()
        for name, value in one.metrics.items()
    )


def same_result(run: Run, one: Store, other: Store) -> bool:
    """Say whether two stores hold the same metrics, masks and final weights of a run, bit for bit."""
    a, b = one.read(run), other.read(run)
    masks = [result.masks or {} for result in (a, b)]
    weights = [s.read_weights(run.digest) for s in (one, other)]
    assert weights[0] is not None
    assert weights[1] is not None
    return same_metrics(a, b) and same_tree(*masks) and same_tree(*weights)


def python(program: str, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
    """Start another process that runs a program with these tests and the library importable."""
    here = Path(__file__).parent
    path = os.pathsep.join(map(str, (here, here / "training", here.parent)))
    return subprocess.Popen(
        [sys.executable, "-c", "import torch; torch.set_num_threads(1)\n" + program, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
