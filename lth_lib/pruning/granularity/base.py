"""Groups of weights: what belongs to each, and what is added up over it or said of all of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer, shapes
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, require

Groups = dict[str, dict[str, torch.Tensor]]
"""Of each set of groups, by parameter: the group of each of its entries, int64 [*shape]."""


@dataclass(frozen=True)
class Set:
    """Groups of one kind of layer: a scope chooses among sets by their kinds; `shape` is how the groups lie.

    Where each is one weight they lie as the weights do, else in a row: (count,).
    """

    kind: str
    shape: tuple[int, ...]


Sets = dict[str, Set]
"""The sets of a network's groups, by name, input first."""


@dataclass(frozen=True)
class Granularity(Spec, ABC):
    """Divides parameters into groups, each of which stays or goes as a whole.

    The groups of one set have equally many entries of each of its parameters. What is in no group never goes.
    """

    @abstractmethod
    def sets(self, layers: tuple[Layer, ...]) -> Sets:
        """Return the sets of groups of such a network; raises `SpecError` where it has none."""

    @abstractmethod
    def groups(self, layers: tuple[Layer, ...]) -> Groups:
        """Return of each set, by parameter, the group of each entry."""

    @abstractmethod
    def score(self, sums: Tree, sizes: Tree) -> Tree:
        """Return the score of each group, from its survivors' summed scores and their number, all [R, *groups]."""


def check_groups(granularity: Granularity, layers: tuple[Layer, ...]) -> None:
    """Raise `SpecError` unless it divides what a network has into its sets' groups, each entry into one."""
    sets, groups = granularity.sets(layers), granularity.groups(layers)
    require(
        groups.keys() == sets.keys(),
        f"{granularity} has the sets {sorted(sets)} and groups of {sorted(groups)}; the same names belong in both.",
    )
    there, seen = shapes(layers), set()
    for name, parts in groups.items():
        count = torch.Size(sets[name].shape).numel()
        for part, ids in parts.items():
            known = part in there and part not in seen
            require(known, f"{granularity} groups {part} in {name}; each of {sorted(there)} may be in one set.")
            seen.add(part)
            require(
                _even(ids, there[part], count),
                f"{granularity} groups {part} otherwise than it may: its groups are int64 {list(there[part])}, whole "
                f"numbers from 0 to {count - 1} as the set {name} has the shape {list(sets[name].shape)}, each of them "
                "equally often.",
            )


def _even(ids: torch.Tensor, shape: tuple[int, ...], count: int) -> bool:
    """Say whether these are groups of so many entries, from 0 to below a count, each of equally many."""
    if not (isinstance(ids, torch.Tensor) and ids.dtype == torch.int64 and ids.shape == shape and int(ids.min()) >= 0):
        return False
    sizes = ids.flatten().bincount(minlength=count)
    return len(sizes) == count and bool((sizes == sizes[0]).all())


def pool(values: Tree, groups: Groups) -> Tree:
    """Return the sum [R, *groups] over each group of what its entries [R, *shape] have in `values`, where they do.

    Truth values are counted. Sums over groups are float64: rounding to float32 would make ties of what is not equal.
    """
    return {name: _pooled({p: values[p] for p in parts if p in values}, parts) for name, parts in groups.items()}


def spread(kept: Masks, groups: Groups) -> Masks:
    """Return masks [R, *shape] of every parameter in groups, from the groups [R, *groups] that are kept."""
    return {
        part: kept[name].flatten(1)[:, ids.to(kept[name].device)]
        for name, parts in groups.items()
        for part, ids in parts.items()
    }


def _pooled(values: Tree, parts: dict[str, torch.Tensor]) -> torch.Tensor:
    first, shape = next(iter(values.values())), _lie(parts)
    single = len(values) == 1 and first[0].numel() == torch.Size(shape).numel()
    kind = torch.int32 if first.dtype == torch.bool else first.dtype if single else torch.float64
    out = torch.zeros(len(first), torch.Size(shape).numel(), dtype=kind, device=first.device)
    for part, value in values.items():
        ids = parts[part].flatten().to(out.device)
        out.scatter_add_(1, ids.expand(len(value), -1), value.flatten(1).to(kind))
    return out.view(-1, *shape)


def _lie(parts: dict[str, torch.Tensor]) -> tuple[int, ...]:
    """Return how groups lie: as the entries of their one parameter where each is a group, else in a row."""
    count = 1 + max(int(ids.max()) for ids in parts.values())
    first, *others = parts.values()
    return tuple(first.shape) if not others and first.numel() == count else (count,)
