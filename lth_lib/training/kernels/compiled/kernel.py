"""Fully connected networks on a CPU: compiled functions train each replicate, threads take the replicates in turns."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import torch

from lth_lib.data import Arrays, Split
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.training import machine
from lth_lib.training.kernels.compiled.replicates import DenseReplicate, Replicate, SparseReplicate, Weights, room
from lth_lib.training.kernels.compiled.updates import rules_of
from lth_lib.training.kernels.kernel import Batches, Kernel, Slots
from lth_lib.training.recipe import SGD, Setting

SPARSE_BELOW = 0.3
"""Below this density of a whole network the survivors alone are the faster (measured: LeNet-300-100 on MNIST)."""
TURNS = 4
"""A segment is taken in so many turns, so that five replicates keep two threads busy to the end."""
AT_ONCE = 1024
"""Images that are evaluated in one turn."""


class CompiledKernel(Kernel):
    """Each replicate is trained on arrays of its own, sparse or dense by its density.

    Nothing of a replicate depends on another or on a thread: the bits are the same with any number of threads.
    """

    def __init__(self, setting: Setting, params: Tree, masks: Masks, slots: Slots) -> None:
        """Gather weights and slots."""
        self.setting, data = setting, setting.data
        self.names = [layer.name for layer in setting.layers]
        self.arrays, optimiser = data.load("cpu"), setting.recipe.optimiser
        self.slots = ("momentum_buffer",) if isinstance(optimiser, SGD) else ("exp_avg", "exp_avg_sq")
        self.kept = () if isinstance(optimiser, SGD) and not optimiser.momentum else self.slots
        self.taken = int(next(iter(slots["step"].values()))) if "step" in slots else 0
        self.pool = ThreadPoolExecutor(torch.get_num_threads(), initializer=machine.flush_denormals)
        kept = {name: masks.get(name, torch.ones_like(value, dtype=torch.bool)) for name, value in params.items()}
        nothing = {name: torch.zeros_like(value) for name, value in params.items()}
        self.replicates = [self._hold(self._row(kept, row)) for row in range(len(next(iter(params.values()))))]
        for row, replicate in enumerate(self.replicates):
            held = (params, *(slots.get(slot, nothing) for slot in self.slots))
            replicate.load([self._row(tree, row) for tree in held])

    def _hold(self, masks: Weights) -> Replicate:
        """Return what holds a replicate of such masks: the table that chooses."""
        scale, shift = (_per_pixel(value, self.setting.data.shape) for value in (self.arrays.scale, self.arrays.shift))
        density = sum(int(mask.sum()) for mask, _ in masks) / sum(mask.numel() for mask, _ in masks)
        if density < SPARSE_BELOW:
            return SparseReplicate(masks, scale, shift)
        return DenseReplicate(masks, scale, shift, self.setting.recipe.batch)

    def _row(self, tree: Tree, row: int) -> Weights:
        return [(tree[f"{name}.weight"][row], tree[f"{name}.bias"][row]) for name in self.names]

    def made_with(self) -> dict[str, str]:
        """Return its name and numba's version."""
        return super().made_with() | {"numba": numba.__version__}

    def train(self, batches: Batches, rates: Sequence[float]) -> torch.Tensor:
        """Take the steps, the replicates in turns."""
        rules = rules_of(self.setting.recipe.optimiser, rates, self.taken).reshape(len(rates), -1)
        self.taken += len(rates)
        watched = np.zeros((len(self.replicates), len(rates), 2))
        images, labels = _flat(self.arrays.train)
        index = np.ascontiguousarray(batches.index.numpy().swapaxes(0, 1))

        def turns(row: int) -> Iterator[None]:
            for part in np.array_split(np.arange(len(rates)), TURNS):
                if len(part):
                    steps = slice(part[0], part[-1] + 1)
                    own = index[row, steps], rules[steps].ravel(), watched[row, steps]
                    self.replicates[row].train(images, labels, *own)
                    yield

        self._take(turns)
        return torch.from_numpy(watched).permute(1, 2, 0).float()

    def evaluate(self, params: Tree, statistics: Tree, split: Split, arrays: Arrays) -> torch.Tensor:
        """Evaluate the replicates in turns."""
        images, labels = _flat(split)
        parts = np.split(np.arange(len(labels)), range(AT_ONCE, len(labels), AT_ONCE))
        sums = np.zeros((len(self.replicates), len(parts), 2))

        def turns(row: int) -> Iterator[None]:
            of_part = self.replicates[row].evaluator(self._row(params, row), images, labels)
            for number, part in enumerate(parts):
                of_part(part, sums[row, number])
                yield

        self._take(turns)
        return torch.from_numpy(sums.sum(1).T)

    def _take(self, turns: Callable[[int], Iterator[None]]) -> None:
        """Let threads take turns of all replicates until none is left; who waits is the next."""
        waiting: queue.SimpleQueue[Iterator[None]] = queue.SimpleQueue()
        for row in range(len(self.replicates)):
            waiting.put(turns(row))

        def work() -> None:
            while True:
                try:
                    one = waiting.get_nowait()
                except queue.Empty:  # what is not finished other threads are at
                    return
                if next(one, self) is not self:
                    waiting.put(one)

        for done in [self.pool.submit(work) for _ in range(torch.get_num_threads())]:
            done.result()

    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Write weights and slots back; what is masked stays zero."""
        trees = [slots.setdefault(slot, {}) for slot in self.kept]
        for name, value in params.items():
            for tree in trees:
                tree.setdefault(name, torch.zeros_like(value, memory_format=torch.contiguous_format))
        for row, replicate in enumerate(self.replicates):
            replicate.save([self._row(tree, row) for tree in (params, *trees)])
        if "exp_avg" in self.kept:  # torch's Adam counts for each tensor
            slots["step"] = {name: torch.tensor(float(self.taken)) for name in params}


def _per_pixel(channels: torch.Tensor, shape: tuple[int, ...]) -> np.ndarray:
    """Return a number for each channel, [C, 1, 1], for each of its pixels, flat."""
    out = room(int(np.prod(shape)))
    out[:] = channels.expand(shape).reshape(-1).numpy()
    return out


def _flat(split: Split) -> tuple[np.ndarray, np.ndarray]:
    return split.x.numpy().reshape(-1), split.y.numpy()
