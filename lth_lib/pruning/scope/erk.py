"""Layer densities from the shapes of layers alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.granularity import Sets
from lth_lib.pruning.scope.base import Scope, check_single, keep_best, left_of
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class ERK(Scope):
    """The densities of an Erdos-Renyi graph, kernels included (Mocanu et al. 2018; Evci et al. 2020).

    A layer keeps weights in proportion to the sum of its sides, inputs + outputs + height + width: a density of that
    sum over their product, so that small layers stay denser. `rate` is of the survivors of the whole network. What
    they leave is divided anew in each round, so densities follow the network's density alone, however many rounds
    led there. A layer that would be denser than it is stays as it is, and the others share the rest.
    """

    def check(self, sets: Sets, rate: float) -> None:
        """Raise `SpecError` for groups of more than one weight, which have no sides."""
        check_single(sets, self, in_rows=False)

    def keep(self, scores: Tree, sizes: Tree, kinds: dict[str, str], rate: float) -> Masks:
        """Return the masks in which each layer has its share of what is left."""
        held = torch.stack([size.flatten(1).sum(1) for size in sizes.values()], 1).cpu()
        totals = left_of(held.sum(1), rate).tolist()
        sides = [sum(score.shape[1:]) for score in scores.values()]
        shares = torch.tensor([divided(total, sides, row) for total, row in zip(totals, held.tolist(), strict=True)])
        return {
            name: keep_best(score, sizes[name], shares[:, i].to(score.device))
            for i, (name, score) in enumerate(scores.items())
        }

    def parts(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return one part: the whole layer."""
        return torch.zeros(shape, dtype=torch.int64)


def divided(total: int, shares: list[int], most: list[int]) -> list[int]:
    """Divide a whole number in proportion to shares, to none more than its most.

    What rounding down leaves goes to the largest remainders, one each, of equal ones to the lower index.
    """
    full: set[int] = set()
    while True:
        some = [i for i in range(len(shares)) if i not in full]
        rest, whole = total - sum(most[i] for i in full), sum(shares[i] for i in some)
        over = {i for i in some if rest * shares[i] > most[i] * whole}
        if not over:
            break
        full |= over
    out = [most[i] if i in full else rest * share // whole for i, share in enumerate(shares)]
    for i in sorted(some, key=lambda i: -(rest * shares[i] % whole))[: total - sum(out)]:
        out[i] += 1
    return out
