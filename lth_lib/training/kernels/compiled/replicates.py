"""What one replicate holds for the compiled functions: plain arrays that begin at a cache line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from lth_lib.training.kernels.compiled import dense, panels, sparse
from lth_lib.training.kernels.compiled.ends import LANES, Array

Weights = Sequence[tuple[torch.Tensor, torch.Tensor]]
"""Of each layer the weight [out, in] and the bias [out], input first."""


def room(count: int, kind: Any = np.float32) -> Array:
    """Return zeros that begin at a cache line, so that no vector lies across more lines than it must."""
    size = count * np.dtype(kind).itemsize
    bytes_ = np.zeros(size + 64, np.uint8)
    return bytes_[-bytes_.ctypes.data % 64 :][:size].view(kind)


def up(count: int, to: int) -> int:
    """Return the next multiple of `to`."""
    return -(-count // to) * to


def bits(kept: Array) -> Array:
    """Return flat booleans as words of 64 bits, the first as the lowest."""
    return np.packbits(kept, bitorder="little").view("<u8").astype(np.uint64)


class Replicate(ABC):
    """One replicate's weights and its optimiser's arrays, as one of the two kernels reads them."""

    net: Any
    room: Any
    code: Any

    @abstractmethod
    def read(self, weights: Weights) -> tuple[Array, Array]:
        """Return weights and biases in the kernel's order, in memory of their own."""

    @abstractmethod
    def write(self, weights: Array, biases: Array, into: Weights) -> None:
        """Write them back, in place; what is masked is not touched or is zero."""

    def load(self, slots: Sequence[Weights]) -> None:
        """Hold the weights and the optimiser's arrays."""
        weights, biases = zip(*map(self.read, slots), strict=True)
        self.net = self.net._replace(weights=weights, biases=biases)

    def save(self, slots: Sequence[Weights]) -> None:
        """Give them back."""
        for weights, biases, into in zip(self.net.weights, self.net.biases, slots, strict=False):
            self.write(weights, biases, into)

    def train(self, images: Array, labels: Array, batches: Array, rules: Array, watched: Array) -> None:
        """Take a step for each of the batches [steps, B], and write loss and accuracy, [steps, 2]."""
        self.code.train(self.net, self.room, images, labels, batches, rules, watched)

    def evaluator(self, weights: Weights, images: Array, labels: Array) -> Callable[[Array, Array], None]:
        """Return what writes the sums of loss and right answers, [2], of these weights over the images of an index."""
        values, biases = self.read(weights)
        net = self.net._replace(weights=(values,), biases=(biases,))
        return lambda index, sums: self.code.evaluate(net, self.room, images, labels, index, sums)


class SparseReplicate(Replicate):
    """Survivors alone, by row."""

    code = sparse

    def __init__(self, masks: Weights, scale: Array, shift: Array) -> None:
        """Number the survivors of masks."""
        self.places = [mask.flatten().nonzero().flatten() for mask, _ in masks]
        self.sizes = [up(len(places), 16) for places in self.places]
        outs, inputs = zip(*(mask.shape for mask, _ in masks), strict=True)
        rows, reads, first = (np.cumsum([0, *sizes]) for sizes in (outs, inputs, self.sizes))
        self.biases = up(int(rows[-1]), 16)
        units = len(scale) + int(rows[-1])
        ends = [f + mask.sum(1).cumsum(0).numpy() for f, (mask, _) in zip(first, masks, strict=False)]
        self.net = sparse.Survivors(
            layers=np.stack([rows, first], 1).astype(np.int64),
            begin=np.concatenate([np.r_[f, end[:-1]] for f, end in zip(first, ends, strict=False)]).astype(np.int64),
            end=np.concatenate(ends).astype(np.int64),
            reads=self._reads(inputs, reads),
            scale=scale,
            shift=shift,
            weights=(),
            biases=(),
            free=self._free([mask for _, mask in masks]),
        )
        self.room = sparse.Room(
            activations=room(units * LANES),
            gradients=room(units * LANES),
            toward_weights=room(int(first[-1])),
            toward_biases=room(self.biases),
            rows=room(LANES, np.int64),
            top=room(2 * LANES),
        )

    def _reads(self, inputs: Sequence[int], units: Array) -> Array:
        """Return where the activations of the unit that a survivor reads begin; `units` are the first of each layer."""
        out, k = room(sum(self.sizes), np.int32), 0
        for places, size, into, unit in zip(self.places, self.sizes, inputs, units, strict=False):
            out[k : k + len(places)] = (unit + places.numpy() % into) * LANES
            k += size
        return out

    def _free(self, masks: Sequence[torch.Tensor]) -> Array:
        """Return the bits of the masks of all biases, a word for each 16."""
        free, known = np.zeros(up(self.biases, 64), bool), torch.cat(list(masks)).numpy()
        free[: len(known)] = known
        return bits(free).view("<u2").astype(np.uint64)[: self.biases // 16]

    def read(self, weights: Weights) -> tuple[Array, Array]:
        """Pick the survivors."""
        values, biases, k, r = room(sum(self.sizes)), room(self.biases), 0, 0
        for (weight, bias), places, size in zip(weights, self.places, self.sizes, strict=True):
            values[k : k + len(places)] = weight.reshape(-1).index_select(0, places).numpy()
            biases[r : r + len(bias)] = bias.numpy()
            k, r = k + size, r + len(bias)
        return values, biases

    def write(self, weights: Array, biases: Array, into: Weights) -> None:
        """Put the survivors back in their places."""
        k = r = 0
        for (weight, bias), places, size in zip(into, self.places, self.sizes, strict=True):
            weight.view(-1).index_copy_(0, places, torch.from_numpy(weights[k : k + len(places)]))
            bias.copy_(torch.from_numpy(biases[r : r + len(bias)]))
            k, r = k + size, r + len(bias)


class DenseReplicate(Replicate):
    """Every weight, in panels of 64 outputs."""

    code = dense

    def __init__(self, masks: Weights, scale: Array, shift: Array, batch: int) -> None:
        """Lay out the panels, and room for batches of so many images."""
        self.shapes = [tuple(mask.shape) for mask, _ in masks]
        filled = np.array([up(out, LANES) // LANES for out, _ in self.shapes])
        inputs = np.array([into for _, into in self.shapes])
        begins = [np.r_[0, np.cumsum(sizes)[:-1]] for sizes in (filled * inputs * LANES, filled * LANES, inputs)]
        width, images, most = int(filled.sum()) * LANES, up(batch, LANES), up(int(inputs.max()), LANES)
        shifts = room(int(inputs.sum()))
        shifts[: len(shift)] = shift
        kept, free = self.read([(weight.float(), bias.float()) for weight, bias in masks])
        self.net = panels.Panels(
            layers=np.stack([inputs, filled, *begins], 1).astype(np.int64),
            weights=(),
            biases=(),
            kept=bits(kept > 0),
            free=bits(free > 0),
            scale=scale,
            shifts=shifts,
            constants=room(width),
        )
        classes = self.shapes[-1][0]
        self.room = panels.Room(
            pixels=room(len(scale) * images),
            activations=room(images * width),
            gradients=room((images + 1) * width),
            lit_by=room(int(inputs.max()) * images // LANES, np.uint64),
            place=room(LANES * most, np.int32),
            value=room(LANES * most),
            listed=room(LANES, np.int64),
            logits=room(classes * LANES),
            toward=room(classes * LANES),
            rows=room(LANES, np.int64),
            top=room(2 * LANES),
            nothing=room(len(scale)),
        )

    def read(self, weights: Weights) -> tuple[Array, Array]:
        """Fill panels up with zeros."""
        sizes = [up(out, LANES) for out, _ in self.shapes]
        values = room(sum(size * into for size, (_, into) in zip(sizes, self.shapes, strict=True)))
        biases, k, u = room(sum(sizes)), 0, 0
        for (weight, bias), size, (out, into) in zip(weights, sizes, self.shapes, strict=True):
            for o in range(0, out, LANES):
                panel = weight[o : o + LANES].numpy()
                values[k : k + into * LANES].reshape(into, LANES)[:, : len(panel)] = panel.T
                k += into * LANES
            biases[u : u + out] = bias.numpy()
            u += size
        return values, biases

    def write(self, weights: Array, biases: Array, into: Weights) -> None:
        """Leave out what the panels were filled up with."""
        k = u = 0
        for (weight, bias), (out, inputs) in zip(into, self.shapes, strict=True):
            for o in range(0, out, LANES):
                panel = torch.from_numpy(weights[k : k + inputs * LANES].reshape(inputs, LANES)).T
                weight[o : o + LANES].copy_(panel[: out - o])
                k += inputs * LANES
            bias.copy_(torch.from_numpy(biases[u : u + out]))
            u += up(out, LANES)
