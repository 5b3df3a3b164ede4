"""The smallest ticket of the book: twenty weights, trained, pruned and reset while a page is built."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import cross_entropy, linear, relu

from lth_lib.masks import Masks, ones
from lth_lib.models import LeNet
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.replicates import Tree, stream
from lth_lib.report.figures import Moment

INPUTS, HIDDEN, CLASSES = 3, 4, 2
ROUNDS, FIFTH = 3, 0.2
STEPS, STEP_SIZE = 400, 0.03
POINTS = 400


def moments(seed: int = 0) -> list[Moment]:
    """Return each moment of three rounds of training, pruning and reset, and of the training of what is left."""
    x, y = points(seed)
    network = LeNet((HIDDEN,))
    layers = network.layers((INPUTS,), CLASSES)
    first = {name: torch.from_numpy(value) for name, value in network.start((INPUTS,), CLASSES, seed, "")[0].items()}
    names = [f"{layer.name}.weight" for layer in layers]
    masks = ones({name: first[name] for name in names})
    told = [_moment("start", first, masks, x, y)]
    for _ in range(ROUNDS):
        trained = train(first, masks, x, y)
        told.append(_moment("train", trained, masks, x, y))
        subject = Subject({name: trained[name][None] for name in names}, _stacked(masks), layers, seeds=(seed,))
        masks = {name: mask[0] for name, mask in Pruner().prune(subject, rate=FIFTH).items()}
        told += [_moment("prune", trained, masks, x, y), _moment("reset", first, masks, x, y)]
    return [*told, _moment("ticket", train(first, masks, x, y), masks, x, y)]


def points(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points of a cube, [N, 3], and whether each lies near a diagonal of its first two axes, [N]."""
    x = stream(seed, "twenty").uniform(-1, 1, (POINTS, INPUTS)).astype(np.float32)
    near = np.abs(x[:, 0] - x[:, 1]) < 0.6
    return torch.from_numpy(x), torch.from_numpy(near.astype(np.int64))


def train(first: Tree, masks: Masks, x: torch.Tensor, y: torch.Tensor) -> Tree:
    """Return the parameters after Adam has trained those that are kept."""
    params = {name: value.clone().requires_grad_() for name, value in first.items()}
    optimiser = torch.optim.Adam(params.values(), lr=STEP_SIZE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        cross_entropy(output(params, masks, x), y).backward()
        optimiser.step()
    return {name: value.detach() for name, value in params.items()}


def output(params: Tree, masks: Masks, x: torch.Tensor) -> torch.Tensor:
    """Return the outputs [N, classes]: of two layers whose masked weights are zero."""
    weight = {name: params[name] * mask for name, mask in masks.items()}
    hidden = relu(linear(x, weight["fc1.weight"], params["fc1.bias"]))
    return linear(hidden, weight["out.weight"], params["out.bias"])


def _stacked(masks: Masks) -> Masks:
    return {name: mask[None] for name, mask in masks.items()}


def _moment(phase: str, params: Tree, masks: Masks, x: torch.Tensor, y: torch.Tensor) -> Moment:
    """Return what a picture shows of these weights."""
    right = float((output(params, masks, x).argmax(1) == y).float().mean())
    kept = {name: mask.numpy() for name, mask in masks.items()}
    return Moment(phase, {name: params[name].numpy() for name in masks}, kept, right)
