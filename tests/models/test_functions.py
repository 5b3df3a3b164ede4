"""Networks compute what plain torch modules compute."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from shapes import SMALL
from torch import nn

from lth_lib.models import BatchNorm, Conv, LeNet, Model, ResNet, initial
from lth_lib.models.model import conv, vectors
from lth_lib.replicates import Tree, lift, stream


class Residual(nn.Module):
    """A plain torch module of one block for each stage of the residual network."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.blocks = nn.ModuleList()
        for inputs, width in ((16, 16), (16, 32), (32, 64)):
            stride = 1 if inputs == width else 2
            parts = [nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)]
            parts += [nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)]
            if inputs != width:
                parts += [nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width)]
            self.blocks.append(nn.ModuleList(parts))
        self.out = nn.Linear(64, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.norm(self.first(x)))
        for a, norm_a, b, norm_b, *shortcut in self.blocks:
            short = x
            for part in shortcut:
                short = part(short)
            x = F.relu(norm_b(b(F.relu(norm_a(a(x))))) + short)
        return self.out(F.adaptive_avg_pool2d(x, 1).flatten(1))


def plain(widths: list[int], convolutions: list[nn.Module]) -> nn.Module:
    """Return convolutions, then linear layers with ReLU between them."""
    linear: list[nn.Module] = []
    for inputs, width in itertools.pairwise(widths):
        linear += [nn.Linear(inputs, width), nn.ReLU()]
    return nn.Sequential(*convolutions, nn.Flatten(), *linear[:-1])


def pair(inputs: int, width: int) -> list[nn.Module]:
    same = {"padding": "same"}
    return [
        nn.Conv2d(inputs, width, 3, **same),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, **same),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]


def fill(module: nn.Module, model: Model, params: Tree, row: int) -> None:
    """Copy the parameters of one replicate into a module whose layers are in the same order."""
    layers = model.layers(SMALL, 4)
    values = [params[f"{x.name}.{part}"][row] for x in layers for part in ("weight", "bias", "scale", "shift")
              if f"{x.name}.{part}" in params]  # fmt: skip
    for own, value in zip(module.parameters(), values, strict=True):
        own.data.copy_(value)


@pytest.mark.parametrize(
    ("model", "module"),
    [
        (LeNet((7, 5)), plain([192, 7, 5, 4], [])),
        (Conv(1, (9,)), plain([64 * 16, 9, 4], pair(3, 64))),
        (Conv(2, (9,)), plain([128 * 4, 9, 4], [*pair(3, 64), *pair(64, 128)])),
        (Conv(2, (9,), 4), plain([8 * 4, 9, 4], [*pair(3, 4), *pair(4, 8)])),
        (ResNet(1), Residual()),
    ],
    ids=["LeNet", "Conv-2", "Conv-4", "narrow Conv-4", "ResNet"],
)
def test_networks_compute_what_plain_modules_compute(model: Model, module: nn.Module) -> None:
    params, statistics = initial(model, SMALL, 4, (0, 1, 2))
    params = {
        n: v + 0.1 * torch.from_numpy(stream(0, "noise", n).random(v.shape, np.float32)) for n, v in params.items()
    }
    x = torch.from_numpy(stream(0, "test").standard_normal((3, 6, *SMALL), np.float32))

    def logits(p: Tree, s: Tree, x: torch.Tensor, training: bool) -> tuple[torch.Tensor, Tree]:
        norm = BatchNorm(s, training)
        return model.apply(p, x, norm), norm.moved

    for training in (True, False):
        out, moved = lift(logits, in_dims=(0, 0, 0, None))(params, statistics, x, training)
        fill(module, model, params, 1)
        fresh(module).train(training)
        torch.testing.assert_close(out[1], module(x[1]), rtol=1e-4, atol=1e-5)
        buffers = [value for name, value in module.named_buffers() if not name.endswith("tracked")]
        for buffer, name in zip(buffers, moved, strict=True):
            torch.testing.assert_close(moved[name][1], buffer, rtol=1e-4, atol=1e-5)


def fresh(module: nn.Module) -> nn.Module:
    """Reset the running statistics of a module."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
    return module


def test_a_convolution_keeps_the_size_of_the_image() -> None:
    for size in (1, 3, 5):
        p = {"a.weight": torch.ones(2, 3, size, size)}
        assert conv(p, "a", torch.ones(1, 3, 8, 8)).shape == (1, 2, 8, 8)
        assert conv(p, "a", torch.ones(1, 3, 8, 8), stride=2).shape == (1, 2, 4, 4)


def test_vectors_are_flattened_images_whose_gradient_is_channels_last() -> None:
    x = torch.from_numpy(stream(0, "test").standard_normal((2, 3, 4, 5), np.float32)).requires_grad_()
    assert torch.equal(vectors(x), x.flatten(1))
    weights = torch.linspace(0, 1, 120).view(2, 60)
    sent = []
    own = x.contiguous(memory_format=torch.channels_last)
    own.register_hook(sent.append)
    (vectors(own) * weights).sum().backward()
    assert sent[0].is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(x.grad, weights.view(x.shape))
