"""What the layers of a network read, noted while it is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from lth_lib.replicates import Tree
from lth_lib.spec import refuse, require

CHUNK = 4096


@dataclass(frozen=True)
class Call:
    """A function that a parameter was given to, all that it was given, and the first other tensor of that."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    beside: torch.Tensor

    def moment(self, name: str) -> torch.Tensor:
        """Return the mean of v v', [inputs, inputs] in float64, over all v that an output of a layer is a product with.

        Raises `SpecError` for a weight, of this name, that is in no linear layer or convolution.
        """
        if self.function not in VECTORS:
            refuse(
                f"The products of {name} are those of {self.function.__name__}; moments are known of linear layers and "
                "convolutions alone, so prune by a criterion that asks for none."
            )
        vectors = VECTORS[self.function](*self.args, **self.kwargs)
        parts = [part.double() for part in vectors.split(CHUNK)]
        return torch.stack([part.T @ part for part in parts]).sum(0) / len(vectors)


class Reading(TorchFunctionMode):
    """Notes which function each parameter is first given to beside another tensor, while a network is applied."""

    def __init__(self, params: Tree) -> None:
        """Know the parameters by which object they are."""
        super().__init__()
        self.params = {id(value): name for name, value in params.items()}
        self.found: dict[str, Call] = {}

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Note what stands beside a parameter, and let the function compute."""
        given = kwargs or {}
        tensors = [value for value in (*args, *given.values()) if isinstance(value, torch.Tensor)]
        others = [value for value in tensors if id(value) not in self.params]
        for name in (self.params[id(value)] for value in tensors if id(value) in self.params):
            if others and name not in self.found:
                self.found[name] = Call(function, args, given, others[0])
        return function(*args, **given)


def _read(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Return the vectors [N, inputs] that a linear layer reads."""
    return x.flatten(0, -2)


def _patches(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> torch.Tensor:
    """Return the patches [N, inputs] of images [B, C, H, W] that a convolution's filters are multiplied with."""
    plain = groups == 1 and not isinstance(padding, str)
    require(
        plain,
        f"A convolution has {groups} groups and padding {padding!r}; moments are known of one group and a padding of "
        "whole numbers, so prune by a criterion that asks for none.",
    )
    return F.unfold(x, weight.shape[2:], dilation, padding, stride).transpose(1, 2).flatten(0, 1)


VECTORS: dict[Callable[..., Any], Callable[..., torch.Tensor]] = {F.linear: _read, F.conv2d: _patches}
"""Of each function that multiplies with the rows of a weight, what gives the vectors they are multiplied with."""
