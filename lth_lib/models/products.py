"""How often a network multiplies by each of its weights, counted while it is applied to one example."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from lth_lib.models.model import BatchNorm, Model, Shape
from lth_lib.replicates import Tree
from lth_lib.spec import refuse, require

ONE_EXAMPLE = (torch.float32, torch.int64)
"""What an example is made of: numbers or, where a network does not take them, tokens."""

BY_OUTPUT = (F.linear, F.conv1d, F.conv2d, F.conv3d)
"""What multiplies by each weight once for every place of the output; the weight's first axis is the output's units."""

NO_PRODUCTS = (F.embedding, torch.Tensor.add, torch.Tensor.__add__, torch.Tensor.__radd__)
"""What looks weights up, or adds them."""


@functools.cache
def products(model: Model, shape: Shape, classes: int) -> dict[str, int]:
    """Return how often each weight that may be pruned is a factor in a forward pass of one example, by its name.

    A convolution's is one for every place of its output, padding included; what is looked up is none.
    Raises `SpecError` for a weight that goes into anything but linear layers, convolutions, look-ups and sums.
    """
    trees = ({name: torch.from_numpy(v) for name, v in tree.items()} for tree in model.start(shape, classes, 0, ""))
    params, statistics = trees
    faults = []
    for kind in ONE_EXAMPLE:
        counting = _Counting({name: params[name] for name in model.kinds(shape, classes)})
        try:
            with torch.no_grad(), counting:
                model.apply(params, torch.zeros(1, *shape, dtype=kind), BatchNorm(statistics, training=False))
        except Exception as fault:  # whatever a network raises at what it does not take
            faults.append(f"{kind}: {fault}")
        else:
            return counting.all(model)
    refuse(f"{model} takes no example of shape {shape}: {'; '.join(faults)}.")


class _Counting(TorchFunctionMode):
    """Counts the products with each weight, by the functions that the weights are given to."""

    def __init__(self, weights: Tree) -> None:
        super().__init__()
        self.names = {id(value): name for name, value in weights.items()}
        self.found: dict[str, int] = {}
        self.other: dict[str, str] = {}

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        out = function(*args, **given)
        if isinstance(out, torch.Tensor):  # to ask for a shape is no product
            for name in {self.names[id(one)] for one in tree_leaves((args, given)) if id(one) in self.names}:
                self._note(name, function, args, given, out)
        return out

    def _note(self, name: str, function: Callable[..., Any], args: Any, given: Any, out: torch.Tensor) -> None:
        if function in BY_OUTPUT:
            weight = given["weight"] if "weight" in given else args[1]
            self.found[name] = self.found.get(name, 0) + out.numel() // len(weight)
        elif function in NO_PRODUCTS:
            self.found.setdefault(name, 0)
        else:
            self.other[name] = getattr(function, "__name__", str(function))

    def all(self, model: Model) -> dict[str, int]:
        """Return the count of every weight; raises `SpecError` where one is not known."""
        unknown = [name for name in self.names.values() if name in self.other or name not in self.found]
        require(
            not unknown,
            f"{model} computes with {', '.join(unknown)} by {sorted(set(self.other.values())) or 'no function seen'}; "
            "products are counted of linear layers and convolutions.",
        )
        return self.found
