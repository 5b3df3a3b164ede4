"""What is timed: each table answers one question about speed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch

from lth_lib.experiments.studies import original
from lth_lib.masks import Masks, density
from lth_lib.report.turns import Row
from lth_lib.results.compute import compute
from lth_lib.results.store import committed
from lth_lib.training.machine import flush_denormals
from lth_lib.training.recipe import Setting
from lth_lib.workshop.bench import rivals
from lth_lib.workshop.bench.clock import FEW, Work, in_turns
from lth_lib.workshop.bench.convolutions import convolutions, layer
from lth_lib.workshop.bench.subjects import (
    FIVE,
    NETWORKS,
    STEPS,
    advancing,
    clothes,
    digits,
    each,
    photographs,
    steps,
    trainer,
)

LEVELS = (3, 7, 10, 13, 15, 20)
"""The levels of pruning of which a step is timed."""


def limit(device: str) -> list[Row]:
    """Time a step of five LeNets against the best large matrix product: operations per second of both."""
    n = 4096 if device != "cpu" else 2048
    a, b = (torch.full((n, n), 0.5, device=device) for _ in range(2))
    work = {"large product, torch.mm": Work(lambda: torch.mm(a, b), 1, "products", 2.0 * n**3)}
    if device == "cpu" and hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        linear = torch.ops.mkldnn._linear_pointwise
        work["large product, oneDNN"] = Work(lambda: linear(a, b, None, "none", [], ""), 1, "products", 2.0 * n**3)
    setting = digits()
    training = trainer(setting, FIVE, device)
    flop = STEPS * len(FIVE) * step_flop(setting)
    work["training step, five replicates"] = Work(steps(training), STEPS, "steps", flop)
    return in_turns(work)


def step_flop(setting: Setting) -> float:
    """Return the operations of the products of one replicate's step: forward, weights' and inputs' gradients."""
    layers = setting.layers
    sizes = [int(np.prod(layer.shape)) for layer in layers]
    return 2.0 * setting.recipe.batch * (3 * sum(sizes) - sizes[0])


def against_others() -> list[Row]:
    """Time iterations, evaluations included, against what people use."""
    setting = digits()
    count = setting.recipe.test_every
    ours = advancing(trainer(setting, FIVE, "cpu"))
    plain, loader = rivals.plain(setting), rivals.loader(setting)
    return in_turns(
        {
            "five replicates together": Work(ours, count * len(FIVE), "iterations"),
            "plain in-memory loop": Work(lambda: plain(count), count, "iterations"),
            "data loader and transforms": Work(lambda: loader(count), count, "iterations"),
        }
    )


def level(device: str) -> list[Row]:
    """Time a whole level of five replicates, evaluations included, by some hundred of its iterations."""
    networks = {"LeNet-300-100": digits()}
    if device != "cpu":  # on which five ResNets take hours
        networks["ResNet-20"] = photographs(*NETWORKS["ResNet-20"])
    return in_turns({name: _level(setting, device) for name, setting in networks.items()})


def _level(setting: Setting, device: str) -> Work:
    recipe = setting.recipe
    return Work(advancing(trainer(setting, FIVE, device)), recipe.test_every / recipe.steps, "levels")


def growth(device: str) -> list[Row]:
    """Time a dense step for 1 to 32 replicates."""
    counts = (1, 2, 4, 5, 8, 16, 20, 32)
    return in_turns(
        {
            f"{count} replicates": Work(
                steps(trainer(digits(), tuple(range(count)), device)), STEPS * count, "steps of a replicate"
            )
            for count in counts
        }
    )


def tickets(levels: Sequence[int]) -> list[Masks]:
    """Return the masks of five committed tickets at each of these levels."""
    series = original("paper").series["winning ticket"]
    runs = [series[level][0] for level in levels]
    results = compute(runs, committed(), partial=True)
    found = [results[run].masks for run in runs if run in results]
    return [masks for masks in found if masks is not None]


def sparse_steps(device: str) -> list[Row]:
    """Time a step of five replicates with the committed tickets' masks, from dense down."""
    work = {"100 %": Work(steps(trainer(digits(), FIVE, device)), STEPS, "steps")}
    for masks in tickets(LEVELS):
        training = trainer(digits(), FIVE, device, masks)
        work[f"{density(masks).mean() * 100:.3g} %"] = Work(steps(training), STEPS, "steps")
    return in_turns(work)


def ladder() -> list[Row]:
    """Time all levels from dense down, evaluations included, beside a plain loop of a dense network.

    Clothes have the digits' masks, so that both have the same densities.
    """
    masks: list[Masks | None] = [None, *tickets(range(1, LEVELS[-1] + 1))]
    rows = []
    for name, setting in (("MNIST", digits()), ("Fashion-MNIST", clothes())):
        levels = [advancing(trainer(setting, FIVE, "cpu", own)) for own in masks]
        count = setting.recipe.test_every
        work = {
            f"{name}, {len(levels)} levels": Work(partial(each, levels), count * len(FIVE) * len(levels), "iterations"),
            f"{name}, plain loop": Work(partial(rivals.plain(setting), count), count, "iterations"),
        }
        rows += in_turns(work, FEW)
    return rows


def decayed(flush: bool, size: int = 1 << 14) -> Callable[[], torch.Tensor]:
    """Return what takes Adam's steps for weights that have had no gradient for long; it returns their first moments.

    There are so few weights that torch computes in the one thread of which denormals are flushed or kept.
    """
    weights = torch.zeros(size, requires_grad=True)
    weights.grad = torch.zeros(size)
    optimiser = torch.optim.Adam([weights])

    def run() -> torch.Tensor:
        torch.set_flush_denormal(False)
        optimiser.step()
        moments = optimiser.state[weights]
        for name in ("exp_avg", "exp_avg_sq"):
            moments[name].fill_(1e-40)
        torch.set_flush_denormal(flush)
        for _ in range(STEPS):
            optimiser.step()
        flush_denormals()
        return moments["exp_avg"]

    return run


def denormals() -> list[Row]:
    """Time Adam's steps on moments that have decayed into denormal numbers, which are flushed to zero or kept."""
    return in_turns({name: Work(decayed(name == "flushed"), STEPS, "steps") for name in ("flushed", "kept")})


def memoised() -> list[Row]:
    """Time `compute` on the finished runs of the book."""
    study = original("paper")
    store = committed()
    have = [run for run in study.runs if store.has(run)]
    return in_turns({"finished runs": Work(lambda: compute(have, store), len(have), "runs")}) if have else []


ON_CPU: dict[str, Callable[[], list[Row]]] = {
    "others": against_others,
    "ladder": ladder,
    "denormals": denormals,
    "layer": layer,
    "memoised": memoised,
}
ON_DEVICE: dict[str, Callable[[str], list[Row]]] = {
    "limit": limit,
    "level": level,
    "replicates": growth,
    "density": sparse_steps,
    "convolutions": convolutions,
}
TABLES = (*ON_DEVICE, *ON_CPU)


def tables(device: str) -> Mapping[str, Callable[[], list[Row]]]:
    """Return each table's name and what takes it, on a device."""
    found: dict[str, Callable[[], list[Row]]] = {name: partial(take, device) for name, take in ON_DEVICE.items()}
    return found if device != "cpu" else {**found, **ON_CPU}
