"""What the derivatives of single examples square to, from one pass over many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from lth_lib.replicates import Tree
from lth_lib.spec import SpecError
from lth_lib.training.reading import VECTORS

AT_ONCE = 100
"""So many examples go through the network together: the patches that convolutions read are kept for each."""

Output = Callable[[Tree, torch.Tensor], torch.Tensor]
"""From weights and inputs x [B, ...] to outputs [B, ...], of each example alone."""

AXES = {F.linear: 2, F.conv2d: 4}
"""Of functions whose first axis is the examples' and second the outputs', how many axes they then have."""

Along = Callable[[torch.Tensor], torch.Tensor]
"""From outputs [B, ...] to directions among them, [K, B, ...]."""


def squares(output: Output, weights: Tree, x: torch.Tensor, along: Along) -> Tree:
    """Return the sum, over examples and directions, of the squared derivative of each by each weight, in float64."""
    totals = _zeros(weights)
    with torch.enable_grad():
        for part in x.split(AT_ONCE):
            together = _together(output, weights, part, along)
            apart = (_alone(output, weights, one, along) for one in part.split(1))
            for found in apart if together is None else [together]:
                totals = {name: total + found[name] for name, total in totals.items()}
    return totals


def _together(output: Output, weights: Tree, x: torch.Tensor, along: Along) -> Tree | None:
    """Return the sums over all examples; None where a weight is used other than for one product with each of them."""
    leaves, totals = _leaves(weights), _zeros(weights)
    with Tapping(leaves, len(x)) as tapping:
        out = output(leaves, x)
    if tapping.taps.keys() != leaves.keys():
        return None
    if any(slope is not None for slope in next(_slopes(out, leaves, along))):  # it is used beside its tap, too
        return None
    for found in _slopes(out, {name: tapping.taps[name] for name in leaves}, along):
        for total, square in zip(totals.values(), found, strict=True):
            total += 0 if square is None else square
    return totals


def _alone(output: Output, weights: Tree, x: torch.Tensor, along: Along) -> Tree:
    """Return the sums of one example, whatever the network makes of its weights."""
    leaves, totals = _leaves(weights), _zeros(weights)
    for found in _slopes(output(leaves, x), leaves, along):
        for total, slope in zip(totals.values(), found, strict=True):
            total += 0 if slope is None else slope.double().square()
    return totals


def _leaves(weights: Tree) -> Tree:
    return {name: weight.detach().requires_grad_() for name, weight in weights.items()}


def _zeros(weights: Tree) -> Tree:
    return {name: torch.zeros_like(weight, dtype=torch.float64) for name, weight in weights.items()}


def _slopes(out: torch.Tensor, leaves: Tree, along: Along) -> Iterator[tuple[torch.Tensor | None, ...]]:
    """Yield the derivatives by leaves along each direction, None where nothing depends on one."""
    for direction in along(out.detach()):
        yield torch.autograd.grad(out, tuple(leaves.values()), direction, retain_graph=True, allow_unused=True)


class Tapping(TorchFunctionMode):
    """Taps each weight where it is first multiplied with `count` examples, while a network is applied.

    A tap is a zero whose derivative is the sum of the squares of examples' own; that by the weight itself is left out,
    so that what it still has comes from elsewhere.
    """

    def __init__(self, weights: Tree, count: int) -> None:
        """Know the weights by which object they are."""
        super().__init__()
        self.weights, self.count = {id(value): name for name, value in weights.items()}, count
        self.taps: Tree = {}

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Let the function compute, and tap its weight."""
        given = kwargs or {}
        name = self.weights.get(id(args[1])) if len(args) > 1 else None
        if name is None or name in self.taps or args[0].dim() != AXES.get(function) or len(args[0]) != self.count:
            return function(*args, **given)
        own = (args[0], args[1].detach(), *args[2:])
        try:
            vectors = VECTORS[function](*own, **given).detach()
        except SpecError:  # they are not known of such a convolution
            return function(*args, **given)
        self.taps[name] = torch.zeros_like(own[1], dtype=torch.float64, requires_grad=True)
        return Tap.apply(function(*own, **given), self.taps[name], vectors.unflatten(0, (self.count, -1)))


class Tap(torch.autograd.Function):
    """The outputs [B, ...] of a layer as they are, with a tap on its weight."""

    @staticmethod
    def forward(ctx: Any, out: torch.Tensor, tap: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """Note the vectors [B, N, inputs] that outputs [B, outputs, ...] are products with."""
        ctx.save_for_backward(vectors)
        ctx.shape = tap.shape
        return out.view_as(out)

    @staticmethod
    def backward(ctx: Any, *slopes: Any) -> Any:
        """Return the derivative by the outputs as it is, and by the tap the sum of the squares."""
        (vectors,), slope = ctx.saved_tensors, slopes[0]
        rows = slope.movedim(1, -1).reshape(*vectors.shape[:2], -1)
        if vectors.shape[1] == 1:  # of one product, (s v')^2 = s^2 (v^2)'
            found = rows[:, 0].double().square().T @ vectors[:, 0].double().square()
        else:
            found = torch.stack([(s.T @ v).double().square() for s, v in zip(rows, vectors, strict=True)]).sum(0)
        return slope, found.view(ctx.shape), None
