"""Masks that are stored are of the network, and keep the share that the metrics have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import Shapes
from lth_lib.pruning.granularity import Groups, pool
from lth_lib.results.store.result import MASK_BYTES

LAYER = "layer_density/"
OVERHEAD = 2000
"""More bytes than what stands beside a packed mask in its file."""


def layers_of(metrics: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the density of each layer, [R] each."""
    return {name.removeprefix(LAYER): value for name, value in metrics.items() if name.startswith(LAYER)}


def surely_small(seeds: int, network: Shapes) -> bool:
    """Say whether masks of all of a network are small enough to be stored, however badly they compress."""
    return sum(math.ceil(seeds * math.prod(s) / 8) * 1.01 + OVERHEAD for s in network.values()) < MASK_BYTES


def misshapen(masks: Masks, seeds: int, network: Shapes | None) -> Iterator[str]:
    """Say which mask is of nothing that the network has, or of another shape."""
    for name, mask in masks.items():
        if network is not None and name not in network:
            yield f"there is a mask of {name}, which the network has not; it has {sorted(network)}"
        wanted = (seeds, *(network or {}).get(name, _beside(name, masks)))
        if mask.shape != wanted:
            yield f"the mask of {name} has the shape {tuple(mask.shape)}; the network's is {wanted}"


def _beside(name: str, masks: Masks) -> tuple[int, ...]:
    """Return the shape of what is masked, where only other masks tell: a bias is as long as the weights beside it."""
    weights, own = masks.get(f"{name.rpartition('.')[0]}.weight"), tuple(masks[name].shape[1:])
    return tuple(weights.shape[1:2]) if weights is not None and len(own) == 1 else own


def torn(masks: Masks, groups: Groups) -> Iterator[str]:
    """Say where a bias, a scale or a shift is gone, and what goes with it as one group is not."""
    for name, parts in groups.items():
        held = {part: masks[part] for part in parts if part in masks}
        kept = pool(held, {name: parts})[name].flatten(1) > 0 if held else torch.empty(0)
        for part, mask in held.items():
            if mask.dim() == 2 and bool((kept[:, parts[part]] & ~mask).any()):
                yield f"the mask of {part} takes it from what keeps weights; the groups of its pruner go as a whole"


def unlike(masks: Masks, metrics: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Say where masks keep another share than the metrics have."""
    masks, layers = mask_rules.of_weights(masks), layers_of(metrics)
    if masks.keys() != layers.keys():
        yield f"the masks are of {sorted(masks)}, the metrics have the densities of {sorted(layers)}"
    for name, measured in mask_rules.layer_density(masks).items():
        if not np.allclose(measured, layers[name], rtol=0, atol=1e-9):
            yield f"the mask of {name} has density {measured}, the metrics say {layers[name]}"
