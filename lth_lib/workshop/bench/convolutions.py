"""What is timed of convolutional networks, whose replicates may be trained in several ways."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
import torch.nn.functional as F

from lth_lib.report.turns import Row
from lth_lib.training.kernels import LiftedKernel
from lth_lib.workshop.bench import rivals
from lth_lib.workshop.bench.clock import FEW, Work, in_turns
from lth_lib.workshop.bench.subjects import NETWORKS, STEPS, photographs, steps, trained_by, trainer

LOW_ON_CPU = ("Conv-4", "ResNet-20")
"""On a CPU bfloat16 is timed for these two alone, since it may be slow."""


def convolutions(device: str, replicates: int = 3) -> list[Row]:
    """Time images per second and replicate of each convolutional network beside a plain channels-last loop of one."""
    rows, n = [], 1 if device == "cpu" else STEPS  # on a GPU the first steps of each training are not recorded ones
    for name, (model, batch) in NETWORKS.items():
        own = photographs(model, batch)
        ours = steps(trainer(own, tuple(range(replicates)), device), n)
        work = {f"{name}, {replicates} replicates": Work(ours, n * batch * replicates, "images")}
        if device == "cpu":
            vmapped = steps(trained_by(LiftedKernel, own, tuple(range(replicates))), 1)
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
