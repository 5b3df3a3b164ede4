"""N of M while training: the pattern follows the weights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.forward.base import Forward
from lth_lib.pruning.granularity import Granularity, Weight
from lth_lib.pruning.scope import Neighbours, Scope
from lth_lib.pruning.scope.neighbours import put_back, side_by_side
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class SRSTE(Forward):
    """The loss sees the `kept` largest of each `of` neighbours, and all of them are trained (Zhou et al. 2021).

    Neighbours are those of the scope `Neighbours`. The gradient goes straight through the choice, to what is not seen
    too; in the paper a penalty draws that towards zero: `Unseen`. What is masked from the start is never seen.
    """

    remasks: ClassVar[bool] = True
    kept: int = 2
    of: int = 4

    def __post_init__(self) -> None:
        """Refuse what is no pattern."""
        super().__post_init__()
        require(1 < self.of < 256, f"of was {self.of!r}; it is how many neighbours compete, 2 to 255.")
        require(0 < self.kept < self.of, f"kept was {self.kept!r}; it is some of {self.of} neighbours, not all.")

    @property
    def groups(self) -> tuple[Granularity, Scope]:
        """Single weights, which compete with their neighbours."""
        return Weight(), Neighbours(self.of)

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` where there are no neighbours, and name in a warning the layers that stay dense."""
        granularity, scope = self.groups
        scope.check(granularity.sets(layers), 1 - self.kept / self.of)

    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the weights, and zero in place of those that are not among the largest."""
        return params | {name: self._through(params[name] * mask) for name, mask in masks.items()}

    def _through(self, weight: torch.Tensor) -> torch.Tensor:
        """Return what is seen of a weight [*shape] with the gradient of the whole; w - 0 and w - w are exact.

        What is masked is zero here, and seen as zero whether it is among the largest or not.
        """
        if not self._divides(weight):
            return weight
        return weight - weight.detach().masked_fill(self._largest(weight.detach().abs()), 0)

    def _keep(self, weight: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return which of the weights [*shape] are kept; none that is masked is."""
        if not self._divides(weight):
            return mask > 0
        return self._largest(weight.abs().nan_to_num(0).masked_fill(mask == 0, -1)) & (mask > 0)

    def _divides(self, weight: torch.Tensor) -> bool:
        """Say whether a weight [*shape] has neighbours; biases, which may be masked too, have none."""
        return weight.dim() > 1 and weight.shape[1] % self.of == 0

    def _largest(self, size: torch.Tensor) -> torch.Tensor:
        """Return which of some sizes [*shape] are the largest among their neighbours."""
        return put_back(largest_of_each(side_by_side(size, self.of, 1), self.kept), size.shape, 1)

    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        """Return nothing."""
        return {}

    def trains(self, name: str) -> bool:
        """Say yes."""
        return True

    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        """Return the parameters, and the masks of what is seen of them now."""
        found = {
            name: torch.stack([self._keep(*row) for row in zip(params[name], mask, strict=True)])
            for name, mask in masks.items()
        }
        return params, found


def largest_of_each(rows: torch.Tensor, count: int) -> torch.Tensor:
    """Return which `count` of each row [N, of] are the largest; of equal ones the first.

    Each is compared with each, once: to sort so many rows that are so short takes three times as long.
    """
    columns = rows.T.contiguous()
    ahead = [torch.zeros_like(one, dtype=torch.uint8) for one in columns]
    for i, j in combinations(range(len(columns)), 2):
        first = columns[i] >= columns[j]
        ahead[j], ahead[i] = ahead[j] + first, ahead[i] + ~first
    return torch.stack(ahead, 1) < count
