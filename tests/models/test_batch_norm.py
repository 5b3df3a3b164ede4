"""Batch normalisation is torch's, and leaks nothing between replicates."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from shapes import SMALL
from torch import nn

from lth_lib.models import BatchNorm, ResNet, initial
from lth_lib.replicates import Tree, lift, stream


def test_batch_norm_is_that_of_torch() -> None:
    x = torch.from_numpy(stream(0, "test").normal(3, 2, (4, 5, 3, 3))).float()
    torch_norm = nn.BatchNorm2d(5)
    p = {"a.scale": torch.linspace(0.5, 2, 5), "a.shift": torch.linspace(-1, 1, 5)}
    torch_norm.weight.data, torch_norm.bias.data = p["a.scale"], p["a.shift"]
    statistics: Tree = {"a.mean": torch.zeros(5), "a.var": torch.ones(5)}
    for training in (True, True, False):
        torch_norm.train(training)
        norm = BatchNorm(statistics, training)
        own, expected = x.clone().requires_grad_(), x.clone().requires_grad_()
        y, z = norm(p, "a", own), torch_norm(expected)
        torch.testing.assert_close(y, z, rtol=1e-4, atol=1e-5)
        weights = torch.linspace(0, 1, x.numel()).view_as(x)
        (y * weights).sum().backward()
        (z * weights).sum().backward()
        torch.testing.assert_close(own.grad, expected.grad, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(norm.moved["a.mean"], torch_norm.running_mean)
        torch.testing.assert_close(norm.moved["a.var"], torch_norm.running_var)
        assert training or norm.moved == statistics, "scoring moves nothing"
        statistics = norm.moved
        x = x + 1


@pytest.mark.parametrize("vmapped", [False, True])
def test_batch_norm_of_bfloat16_has_statistics_of_float32(vmapped: bool) -> None:
    x = torch.from_numpy(stream(0, "test").normal(30, 1, (2, 16, 5, 7, 3))).bfloat16()
    p = {"a.scale": torch.linspace(1, 2, 10).view(2, 5), "a.shift": torch.linspace(-1, 1, 10).view(2, 5)}
    statistics = {"a.mean": torch.zeros(2, 5), "a.var": torch.ones(2, 5)}

    def one(p: Tree, s: Tree, x: torch.Tensor) -> tuple[torch.Tensor, Tree]:
        norm = BatchNorm(s, training=True, mixed=not vmapped)
        return norm(p, "a", x), norm.moved

    if vmapped:
        out, moved = lift(one)(p, statistics, x)
        out, moved = out[1], {name: value[1] for name, value in moved.items()}
    else:
        row, held = ({name: value[1] for name, value in tree.items()} for tree in (p, statistics))
        out, moved = one(row, held, x[1])
    var, mean = torch.var_mean(x[1].double(), (0, 2, 3))
    torch.testing.assert_close(moved["a.mean"], (0.1 * mean).float(), rtol=1e-6, atol=0)
    torch.testing.assert_close(moved["a.var"], (0.9 + 0.1 * var).float(), rtol=1e-5, atol=0)
    assert out.dtype == torch.bfloat16
    scale, shift = (p[f"a.{part}"][1].double()[:, None, None] for part in ("scale", "shift"))
    biased = x[1].double().var((0, 2, 3), unbiased=False)[:, None, None]
    wanted = (x[1].double() - mean[:, None, None]) / (biased + 1e-5).sqrt() * scale + shift
    torch.testing.assert_close(out.double(), wanted, rtol=2**-7, atol=2**-7)
    assert bool((statistics["a.mean"] == 0).all()), "what was given is as it was"


def test_batch_norm_does_not_leak_between_replicates() -> None:
    model = ResNet(1)
    params, statistics = initial(model, SMALL, 4, (0, 1))
    x = torch.from_numpy(stream(0, "test").standard_normal((2, 6, *SMALL), np.float32))

    def moved(p: Tree, s: Tree, x: torch.Tensor) -> Tree:
        norm = BatchNorm(s, training=True)
        model.apply(p, x, norm)
        return norm.moved

    lifted = lift(moved)
    one, other = (
        lifted(params, statistics, x),
        lifted(params, statistics, x * torch.tensor([1, 50]).view(2, 1, 1, 1, 1)),
    )
    assert all(torch.equal(one[name][0], other[name][0]) for name in one)
    assert not torch.equal(one["conv1.mean"][1], other["conv1.mean"][1])
