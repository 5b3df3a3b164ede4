"""N of M: a pattern that hardware can use."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.granularity import Sets
from lth_lib.pruning.scope.base import Scope, check_single, keep_best, left_of
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Neighbours(Scope):
    """Weights compete with their neighbours: `of` consecutive inputs of one unit, in a convolution at one place.

    At rate 1/2 two of each four stay (2:4, Mishra et al. 2021), floor(rate x survivors + 1/2) of them going. A layer
    whose inputs `of` does not divide, such as a first convolution of 3 colours, stays dense: a warning names it.
    """

    of: int = 4

    def __post_init__(self) -> None:
        """Refuse what has no neighbours."""
        super().__post_init__()
        require(self.of > 1, f"of was {self.of!r}; it is how many neighbours compete, 2 or more.")

    def check(self, sets: Sets, rate: float) -> None:
        """Raise `SpecError` if nothing or everything would go; name the layers that stay dense."""
        check_single(sets, self, in_rows=True)
        gone = self.of - int(left_of(torch.tensor(self.of), rate))
        require(0 < gone < self.of, f"At rate {rate:g} {gone} of each {self.of} neighbours go; it is some, not all.")
        dense = {name.removesuffix(".weight"): one.shape[1] for name, one in sets.items() if one.shape[1] % self.of}
        require(len(dense) < len(sets), f"of was {self.of}; it divides the inputs of no layer: {dense}.")
        if dense:
            named = ", ".join(f"{name} ({inputs})" for name, inputs in dense.items())
            warnings.warn(f"Layers whose inputs {self.of} does not divide stay dense: {named}.", stacklevel=2)

    def keep(self, scores: Tree, sizes: Tree, kinds: dict[str, str], rate: float) -> Masks:
        """Return the masks in which all neighbours have lost their own rate of their survivors."""
        return {name: self._keep(score, sizes[name], rate) for name, score in scores.items()}

    def _keep(self, scores: torch.Tensor, sizes: torch.Tensor, rate: float) -> torch.Tensor:
        if scores.shape[2] % self.of:
            return sizes > 0
        rows, held = (side_by_side(value, self.of, 2) for value in (scores, sizes))
        return put_back(keep_best(rows, held, left_of(held.sum(1), rate)), scores.shape, 2)

    def parts(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return a part for each neighbourhood; a layer that stays dense is one."""
        size = torch.Size(shape)
        if size[1] % self.of:
            return torch.zeros(size, dtype=torch.int64)
        moved = (size[0], *size[2:], size[1])
        return (torch.arange(size.numel()) // self.of).view(moved).movedim(-1, 1)


def side_by_side(value: torch.Tensor, of: int, axis: int) -> torch.Tensor:
    """Return neighbours in rows [N, of], of a tensor whose inputs lie along an axis."""
    return value.movedim(axis, -1).reshape(-1, of)


def put_back(rows: torch.Tensor, shape: torch.Size, axis: int) -> torch.Tensor:
    """Return a tensor of some shape from its neighbours in rows [N, of]."""
    size = list(shape)
    inputs = size.pop(axis)
    return rows.reshape(*size, inputs).movedim(-1, axis)
