"""What a scope is: among groups that compete the lowest scores go, as many as the weights that are to go allow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import torch

from lth_lib.masks import Masks
from lth_lib.pruning.granularity import Sets
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, require


@dataclass(frozen=True)
class Scope(Spec, ABC):
    """Chooses, from scores, which groups stay when a rate of the surviving weights goes."""

    @abstractmethod
    def check(self, sets: Sets, rate: float) -> None:
        """Raise `SpecError` if groups in these sets cannot lose this rate."""

    @abstractmethod
    def keep(self, scores: Tree, sizes: Tree, kinds: dict[str, str], rate: float) -> Masks:
        """Return which groups stay, from what each scores and how many weights it still has, all [R, *groups]."""

    @abstractmethod
    def parts(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return the part of a set in which each of its groups competes, int64 [*shape]; a shuffle stays within it."""


def check_single(sets: Sets, scope: Scope, *, in_rows: bool) -> None:
    """Raise `SpecError` for groups of more than one weight and, `in_rows`, where an output's weights are no row."""
    named, wide = type(scope).__name__, [name for name, one in sets.items() if len(one.shape) < 2]
    require(not wide, f"{named} is a scope of single weights; {wide} are whole channels. Choose another scope.")
    turned = [name.removesuffix(".weight") for name, one in sets.items() if one.kind == "transposed"]
    require(
        not (in_rows and turned),
        f"{named} takes the weights of an output as a row, which in {', '.join(turned)}, transposed convolutions, they "
        "are not. Choose another scope.",
    )


FEW = 64
"""So many rows are chosen from one by one; more, which are short, are sorted together."""


def left_of(survivors: torch.Tensor, rate: float) -> torch.Tensor:
    """Return how many survivors are left when floor(rate x survivors + 1/2) of them have gone."""
    return survivors - (rate * survivors.double() + 0.5).floor().long()


def keep_best(scores: torch.Tensor, sizes: torch.Tensor, left: torch.Tensor) -> torch.Tensor:
    """Return which groups [N, *groups] stay in each row, so that at least `left` [N] weights do.

    Groups go from the lowest score up, until the next would leave fewer weights than that: never more go than are to
    go, and none where not even the first fits. Of single weights exactly `left` stay. Of equal scores the lower index
    stays; counts are of ranks, never of a threshold.
    """
    sizes = sizes.flatten(1)
    # A survivor whose score is not a number ranks last among the survivors, and before what is already gone.
    ranked = scores.flatten(1).nan_to_num(torch.finfo(scores.dtype).min).masked_fill(sizes == 0, -torch.inf)
    if ranked.device.type == "cpu" and len(ranked) <= FEW and bool((sizes <= 1).all()):
        rows = [_highest(row, there > 0, int(count)) for row, there, count in zip(ranked, sizes, left, strict=True)]
        return torch.stack(rows).reshape(scores.shape)
    index = ranked.sort(dim=1, descending=True, stable=True).indices
    there = sizes.gather(1, index).int()
    before = there.cumsum(1) - there
    kept = (before < left[:, None]) & there.bool()
    return torch.zeros_like(kept).scatter_(1, index, kept).reshape(scores.shape)


def _highest(ranked: torch.Tensor, there: torch.Tensor, left: int) -> torch.Tensor:
    """Return which single weights [n] stay, `left` of those that are there: as by sorting, many times as fast."""
    return largest(ranked, min(max(left, 0), int(there.sum())))


def largest(values: torch.Tensor, count: int) -> torch.Tensor:
    """Return which `count` of values [n] are the largest, what is not a number first, of equal ones the first.

    It is what a stable sort would give; but learned masks need it at every step, and NumPy selects ten times as fast.
    """
    if count == 0:
        return torch.zeros_like(values, dtype=torch.bool)
    values = values.nan_to_num(torch.inf, torch.inf, -torch.inf)
    try:
        array = values.numpy()
    except (RuntimeError, TypeError):  # on a GPU, within vmap, of two bytes
        least = values.topk(count, sorted=False).values.amin()
        above, equal = values > least, values == least
        return above | (equal & (equal.cumsum(0) <= count - above.sum()))
    last = np.partition(array, len(array) - count)[len(array) - count]
    among = array >= last
    if over := np.count_nonzero(among) - count:
        among[np.flatnonzero(array == last)[-over:]] = False
    return torch.from_numpy(among)
