"""A module is built under a stream: what cannot be built again, or not be trained, is refused."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.utils._pytree import tree_leaves

from lth_lib.replicates import others_stream
from lth_lib.spec import refuse, require

CHANCE = (nn.modules.dropout._DropoutNd, nn.RReLU, nn.FractionalMaxPool2d, nn.FractionalMaxPool3d)
"""Modules that draw at random for themselves."""

LAZY = (UninitializedParameter, UninitializedBuffer)
"""What has no size before its module is called."""

PLAIN = (bool, int, float, str, type(None))
"""What is compared as it is."""

INNER = vars(nn.Module()).keys()
"""What torch holds of every module."""


class Builder(Protocol):
    """What builds a module, always the same but for what it draws."""

    def build(self) -> nn.Module:
        """Return the module, newly initialised."""


def built(model: Builder, salt: str = "one") -> nn.Module:
    """Return a module that is built under a stream of a salt; raises `SpecError` if it is none."""
    with others_stream(0, "skeleton", salt):
        module = model.build()
    if not isinstance(module, nn.Module):
        refuse(f"{type(model).__name__}.build returned {type(module).__name__}; it returns a torch.nn.Module.")
    return module


def check(model: Builder, module: nn.Module) -> None:
    """Raise `SpecError` unless this module can be trained, and was built as it is built again."""
    name, params = type(model).__name__, dict(module.named_parameters())
    lazy = [each for each, value in _tensors(module).items() if isinstance(value, LAZY)]
    require(not lazy, f"{name} has {', '.join(lazy)}, of no size yet; say the inputs of lazy layers, as in nn.Linear.")
    low = [each for each, value in params.items() if value.dtype != torch.float32]
    require(
        not low,
        f"{name} has parameters that are not float32: {', '.join(low)}; leave them float32, and give the recipe "
        'precision="bfloat16" where products are to be of less.',
    )
    still = [each for each, value in params.items() if not value.requires_grad]
    require(not still, f"{name} has parameters that are not to be trained: {still}; register them as buffers.")
    chance = [(each, one) for each, one in module.named_modules() if isinstance(one, CHANCE)]
    said = [f"{each} ({type(one).__name__})" for each, one in chance if getattr(one, "p", None) != 0]
    other = kept(built(model, "other"))
    said += [each for each, value in kept(module).items() if value != other.get(each)]
    refuse_chance(model, said or _differing(_tensors(module), _tensors(built(model))))


def kept(module: nn.Module) -> dict[str, Any]:
    """Return what the modules hold beside parameters and buffers, tensors and lists of numbers or texts, by name."""
    found: dict[str, Any] = {}
    for name, one in module.named_modules():
        for key, value in vars(one).items():
            where = f"{name}.{key}".removeprefix(".")
            if isinstance(value, torch.Tensor):
                found[where] = value.tolist()
            elif key not in INNER and all(isinstance(leaf, PLAIN) for leaf in tree_leaves(value)):
                found[where] = tree_leaves(value)  # not of tensors: an LSTM lists its parameters
    return found


def refuse_chance(model: object, chance: list[str]) -> None:
    """Raise `SpecError` if a network has what draws at random, named here."""
    require(
        not chance,
        f"{type(model).__name__} has {', '.join(chance)} that draws at random while it computes or is built, so that "
        "its training could not be repeated; leave that out, or make it a parameter or a buffer.",
    )


def _tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def _differing(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> list[str]:
    """Return the names of the tensors that are not the same bit for bit."""
    return [
        name
        for name, value in one.items()
        if name not in other or value.detach().numpy().tobytes() != other[name].detach().numpy().tobytes()
    ]
