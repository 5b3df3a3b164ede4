"""A pruned weight is zero in the weights, the gradient and the optimiser."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from lth_lib.replicates import Tree
from lth_lib.spec import require

Masks = dict[str, torch.Tensor]
"""A bool tensor [R, *shape] for each weight, and for biases, scales and shifts that may go; `True` is kept."""


def ones(weights: Tree) -> Masks:
    """Return the masks that keep every weight of `weights`."""
    return {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in weights.items()}


def check(masks: Masks, params: Tree) -> None:
    """Raise `SpecError` unless each mask is bool and of the shape [R, *shape] of its parameter."""
    for name, mask in masks.items():
        require(name in params, f"There is a mask for {name!r}, which is no parameter; there are {sorted(params)}.")
        fits = mask.dtype == torch.bool and mask.shape == params[name].shape
        require(
            fits,
            f"The mask of {name!r} is {mask.dtype} {list(mask.shape)}; "
            f"it must be torch.bool {list(params[name].shape)}, the shape of what it masks.",
        )


def check_replaced(masks: Masks, before: Masks, params: Tree, by: object) -> None:
    """Raise `SpecError` unless masks made by something can stand for those before: of all that these are of."""
    given: object = masks  # somebody's method may return anything
    lacking = [name for name in before if name not in given] if isinstance(given, dict) else []
    said = f"no mask of {', '.join(lacking)}" if isinstance(given, dict) else type(given).__name__
    require(
        isinstance(given, dict) and not lacking,
        f"{by} replaced masks by {said}; it returns a mask of each of {', '.join(before)}.",
    )
    check(masks, params)


def establish(tree: Tree, masks: Masks) -> None:
    """Set to zero, in place, whatever of `tree` is masked; done whenever masks or weights are replaced."""
    for name, mask in masks.items():
        if name in tree:
            tree[name].masked_fill_(~mask, 0)


def violations(tree: Tree, masks: Masks) -> int:
    """Count the masked entries of `tree` that are not zero."""
    return sum(int(((tree[name] != 0) & ~mask).count_nonzero()) for name, mask in masks.items() if name in tree)


def of_weights(masks: Masks) -> Masks:
    """Return the masks of weights: a weight has two axes or more, a bias, a scale or a shift has one."""
    return {name: mask for name, mask in masks.items() if mask.dim() > 2}


def density(masks: Masks) -> np.ndarray:
    """Return kept weights over all weights, [R]; biases and batch norm are not counted."""
    masks = of_weights(masks)
    # Row by row: a tenth of the time of a sum along an axis of truth values.
    kept = sum(torch.stack([row.count_nonzero() for row in mask]).double() for mask in masks.values())
    total = sum(mask[0].numel() for mask in masks.values())
    return (torch.as_tensor(kept) / total).cpu().numpy()


def layer_density(masks: Masks) -> dict[str, np.ndarray]:
    """Return kept weights over all weights of each layer, [R] each."""
    return {name: density({name: mask}) for name, mask in of_weights(masks).items()}


def pack(masks: Masks) -> dict[str, np.ndarray]:
    """Return the masks eight to the byte, each with its shape beside it, for `np.savez`."""
    packed = {name: np.packbits(mask.cpu().numpy()) for name, mask in masks.items()}
    shapes = {f"{name}.shape": np.array(mask.shape) for name, mask in masks.items()}
    return packed | shapes


def unpack(arrays: Mapping[str, np.ndarray]) -> Masks:
    """Return the masks that `pack` packed; raises `SpecError` when bytes are missing."""
    return {name: _unpack_one(name, arrays) for name in arrays if not name.endswith(".shape")}


def _unpack_one(name: str, arrays: Mapping[str, np.ndarray]) -> torch.Tensor:
    require(f"{name}.shape" in arrays, f"The packed mask {name!r} has no shape beside it; its file is not whole.")
    shape = tuple(int(n) for n in arrays[f"{name}.shape"])
    bits = np.unpackbits(arrays[name], count=None)
    count = int(np.prod(shape))
    whole = count <= bits.size < count + 8
    require(whole, f"The packed mask {name!r} holds {bits.size} bits; {count} are needed for {list(shape)}.")
    return torch.from_numpy(bits[:count].reshape(shape).astype(bool))
