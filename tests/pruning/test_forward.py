"""What the loss sees, and so where a gradient flows."""

from __future__ import annotations

import torch

from lth_lib.pruning.forward import Masked


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
