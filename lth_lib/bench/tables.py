"""What is timed: each table answers one question about speed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from lth_lib.bench import rivals
from lth_lib.bench.clock import FEW, Row, Work, in_turns
from lth_lib.bench.subjects import FIVE, NETWORKS, digits, lifted, photographs, trainer
from lth_lib.compute import compute
from lth_lib.recipe import Setting
from lth_lib.store import committed
from lth_lib.studies import original
from lth_lib.train import Trainer

STEPS = 100
LOW_ON_CPU = ("Conv-4", "ResNet-20")
"""On a CPU bfloat16 is timed for these two alone, since it may be slow."""


def steps(training: Trainer, count: int = STEPS) -> Callable[[], None]:
    """Return what takes so many steps, without evaluations."""
    at = [0]

    def run() -> None:
        training._take(at[0], at[0] + count)
        at[0] += count

    return run


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
    layers = setting.model.layers(setting.data.shape, setting.data.classes)
    sizes = [int(np.prod(layer.shape)) for layer in layers]
    return 2.0 * setting.recipe.batch * (3 * sum(sizes) - sizes[0])


def against_others() -> list[Row]:
    """Time iterations, evaluations included, against what people use."""
    setting = digits()
    count = setting.recipe.test_every
    training = trainer(setting, FIVE, "cpu")
    plain, loader = rivals.plain(setting), rivals.loader(setting)

    def ours() -> None:
        for _ in range(count // setting.recipe.segment):
            training.advance(setting.recipe.steps)

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
    training, recipe = trainer(setting, FIVE, device), setting.recipe

    def run() -> None:
        for _ in range(recipe.test_every // recipe.segment):
            training.advance(recipe.steps)

    return Work(run, recipe.test_every / recipe.steps, "levels")


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


def density(device: str) -> list[Row]:
    """Time a step of five replicates with the committed tickets' masks, from dense down."""
    study = original("paper")
    tickets = [study.series["winning ticket"][level][0] for level in (3, 7, 10, 13, 15, 20)]
    results = compute(tickets, committed(), partial=True)
    work = {"100 %": Work(steps(trainer(digits(), FIVE, device)), STEPS, "steps")}
    for run in tickets:
        if run in results:
            share = results[run].metrics["density"][-1].mean()
            training = trainer(digits(), FIVE, device, results[run].masks)
            work[f"{share * 100:.3g} %"] = Work(steps(training), STEPS, "steps")
    return in_turns(work)


def convolutions(device: str, replicates: int = 3) -> list[Row]:
    """Time images per second and replicate of each convolutional network beside a plain channels-last loop of one."""
    rows, n = [], 1 if device == "cpu" else STEPS  # on a GPU the first steps of each training are not recorded ones
    for name, (model, batch) in NETWORKS.items():
        own = photographs(model, batch)
        ours = steps(trainer(own, tuple(range(replicates)), device), n)
        work = {f"{name}, {replicates} replicates": Work(ours, n * batch * replicates, "images")}
        if device == "cpu":
            vmapped = steps(lifted(own, tuple(range(replicates))), 1)
            work[f"{name}, {replicates} replicates vmapped"] = Work(vmapped, batch * replicates, "images")
            work[f"{name}, plain loop"] = Work(partial(rivals.channels_last(own), 1), batch, "images")
        if device != "cpu" or name in LOW_ON_CPU:
            low = steps(trainer(photographs(model, batch, "bfloat16"), tuple(range(replicates)), device), n)
            work[f"{name}, bfloat16"] = Work(low, n * batch * replicates, "images")
        rows += in_turns(work, FEW)
    return rows


def layer(replicates: int = 3, batch: int = 60, width: int = 64, side: int = 32) -> list[Row]:
    """Time one convolution of some replicates, forward and backward, in the three ways that there are."""
    x = torch.ones(replicates, batch, width, side, side)
    weight = torch.full((replicates, width, width, 3, 3), 0.1).requires_grad_()
    looped = [one.contiguous(memory_format=torch.channels_last).requires_grad_() for one in x]
    grouped = x.transpose(0, 1).flatten(1, 2).requires_grad_()
    unfolded = x.clone().requires_grad_()

    def backward(out: torch.Tensor, inputs: Sequence[torch.Tensor]) -> None:
        torch.autograd.grad(out.sum(), [weight, *inputs])

    def loop() -> None:
        outs = [F.conv2d(one, own, padding=1).sum() for one, own in zip(looped, weight, strict=True)]
        backward(torch.stack(outs), looped)

    def groups() -> None:
        backward(F.conv2d(grouped, weight.flatten(0, 1), padding=1, groups=replicates), [grouped])

    def columns() -> None:
        parts = F.unfold(unfolded.flatten(0, 1), 3, padding=1).unflatten(0, (replicates, batch))
        backward(weight.flatten(2)[:, None] @ parts, [unfolded])

    work = {"one replicate after the other": loop, "groups": groups, "unfolded to a matrix product": columns}
    return in_turns({name: Work(run, batch * replicates, "images") for name, run in work.items()}, FEW)


def memoised() -> list[Row]:
    """Time `compute` on the finished runs of the book."""
    study = original("paper")
    store = committed()
    have = [run for run in study.runs if store.has(run)]
    return in_turns({"finished runs": Work(lambda: compute(have, store), len(have), "runs")}) if have else []


TABLES = ("limit", "others", "level", "replicates", "density", "layer", "convolutions", "memoised")


def tables(device: str) -> Mapping[str, Callable[[], list[Row]]]:
    """Return each table's name and what takes it, on a device."""
    on_device: dict[str, Callable[[str], list[Row]]] = {
        "limit": limit,
        "level": level,
        "replicates": growth,
        "density": density,
        "convolutions": convolutions,
    }
    found: dict[str, Callable[[], list[Row]]] = {name: partial(take, device) for name, take in on_device.items()}
    return found if device != "cpu" else {**found, "others": against_others, "layer": layer, "memoised": memoised}
