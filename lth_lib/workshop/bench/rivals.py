"""What people use: the usual loops, written plainly, with the same optimiser and the same evaluations.

Denormal numbers are flushed here as where we train, so that what is compared is the loops: `tables.denormals` shows
what they cost whoever does not flush them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from lth_lib.data import Arrays, Split, normalise
from lth_lib.data.publisher import transforms
from lth_lib.models import BatchNorm
from lth_lib.replicates import stream
from lth_lib.training.machine import flush_denormals
from lth_lib.training.recipe import Setting


def plain(setting: Setting) -> Callable[[int], None]:
    """Return a plain in-memory loop of LeNet-300-100: one replicate, images normalised beforehand."""
    arrays = setting.data.load()
    train, valid, test = ((normalise(split.x, arrays), split.y) for split in (arrays.train, arrays.valid, arrays.test))
    network = _lenet(setting)
    optimiser = _adam(network, setting)

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for epoch in itertools.count():
            order = torch.from_numpy(stream(0, "bench", epoch).permutation(len(train[1])))
            for index in order.split(setting.recipe.batch):
                yield train[0][index], train[1][index]

    def evaluate(x: torch.Tensor, y: torch.Tensor) -> list[torch.Tensor]:
        return [_sums(network, *pair) for pair in zip(x.split(1000), y.split(1000), strict=True)]

    return _loop(network, optimiser, batches(), lambda: evaluate(*valid), lambda: evaluate(*test), setting)


def loader(setting: Setting) -> Callable[[int], None]:
    """Return the usual loop: a data set of PIL images, torchvision's transforms and a DataLoader."""
    arrays = setting.data.load()
    network = _lenet(setting)
    optimiser = _adam(network, setting)
    train, valid, test = (_Images(split, arrays) for split in (arrays.train, arrays.valid, arrays.test))

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for epoch in itertools.count():
            order = stream(0, "bench", epoch).permutation(len(train)).tolist()
            yield from DataLoader(train, setting.recipe.batch, sampler=order)

    def evaluate(images: _Images) -> list[torch.Tensor]:
        return [_sums(network, x, y) for x, y in DataLoader(images, 1000)]

    return _loop(network, optimiser, batches(), lambda: evaluate(valid), lambda: evaluate(test), setting)


def channels_last(setting: Setting) -> Callable[[int], None]:
    """Return a plain loop of any network, one replicate, channels last, on one batch again and again."""
    data = setting.data
    params, statistics = setting.initial((0,))
    own = {name: value[0].clone().requires_grad_() for name, value in params.items()}
    moved = {name: value[0] for name, value in statistics.items()}
    optimiser = setting.recipe.optimiser.build(list(own.values()))
    arrays = data.load()
    index = torch.arange(setting.recipe.batch) % len(arrays.train.y)
    x = normalise(arrays.train.x[index], arrays).contiguous(memory_format=torch.channels_last)
    y = arrays.train.y[index]

    def run(steps: int) -> None:
        flush_denormals()
        for _ in range(steps):
            logits = setting.model.apply(own, x, BatchNorm(moved, training=True))
            F.cross_entropy(logits, y).backward()
            optimiser.step()
            optimiser.zero_grad()

    return run


def _loop(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    batches: Iterator[tuple[torch.Tensor, torch.Tensor]],
    validate: Callable[[], object],
    test: Callable[[], object],
    setting: Setting,
) -> Callable[[int], None]:
    """Return the loop: so many steps, evaluated as the recipe says."""

    def run(steps: int) -> None:
        flush_denormals()
        for step in range(1, steps + 1):
            x, y = next(batches)
            optimiser.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimiser.step()
            if step % setting.recipe.segment == 0:
                validate()
            if step % setting.recipe.test_every == 0:
                test()

    return run


def _lenet(setting: Setting) -> nn.Sequential:
    """Return the setting's network, its linear layers as modules, with the initial weights of seed 0."""
    layers = setting.layers
    params, _ = setting.initial((0,))
    modules: list[nn.Module] = [nn.Flatten()]
    for layer in layers:
        linear = nn.Linear(layer.shape[1], layer.shape[0])
        with torch.no_grad():
            linear.weight.copy_(params[f"{layer.name}.weight"][0])
            linear.bias.copy_(params[f"{layer.name}.bias"][0])
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def _adam(network: nn.Module, setting: Setting) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), lr=setting.recipe.rate.at(0), fused=True)


def _sums(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        logits = network(x)
        return torch.stack([F.cross_entropy(logits, y, reduction="sum"), (logits.argmax(1) == y).sum()])


class _Images(TorchDataset[tuple[torch.Tensor, int]]):
    """Images as torchvision's MNIST gives them: an array becomes a PIL image, then a tensor, then is normalised."""

    def __init__(self, split: Split, arrays: Arrays) -> None:
        self.x, self.y = split.x[:, 0], split.y
        there = transforms()
        assert arrays.mean is not None
        assert arrays.std is not None
        mean, std = arrays.mean.flatten().tolist(), arrays.std.flatten().tolist()
        self.transform = there.Compose([there.ToTensor(), there.Normalize(mean, std)])

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.x[index].numpy(), mode="L")), int(self.y[index])
