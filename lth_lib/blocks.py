"""A layer of all replicates is one linear map: its weights are blocks on a diagonal, sparse or dense.

Features are contiguous along the batch: activations [B, R * features] are views of [R * features, B],
which is what the products of a CPU read fast.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch

# The products used here are checked against dense ones by the tests.
warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")

DENSE_ABOVE = 0.2
"""Above this density a layer's dense product is faster than its sparse one (measured: 784x300, batch 60)."""

ONEDNN_FROM = 20_000
"""From this many weights on, oneDNN's product is faster than a batched one, twice as fast on some processors."""

Map = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From inputs [B, R * in] (or shared by all replicates, [B, in]) and biases to outputs [B, R * out]."""


class Blocks(ABC):
    """The weights [R, out, in] of one layer, held as the values that its products need."""

    @abstractmethod
    def gather(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the values of a weight [R, out, in], in memory of their own."""

    @abstractmethod
    def scatter(self, values: torch.Tensor, weight: torch.Tensor) -> None:
        """Write values into a weight [R, out, in], in place."""

    @abstractmethod
    def on(self, values: torch.Tensor, *, shared: bool = False) -> Map:
        """Return the layer with these values."""


def blocks(mask: torch.Tensor) -> Blocks:
    """Return sparse blocks for a mask [R, out, in] of low density, else dense ones."""
    share = float(mask.sum()) / mask.numel()
    return DenseBlocks(mask) if share > DENSE_ABOVE else SparseBlocks(mask)


class DenseBlocks(Blocks):
    """Every weight. The weights are zero where they are masked, so that only the gradient is multiplied by the mask."""

    def __init__(self, mask: torch.Tensor) -> None:
        """Hold the mask as 0 and 1."""
        self.factor = mask.float()
        onednn = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        self.onednn = onednn and mask[0].numel() >= ONEDNN_FROM

    def gather(self, weight: torch.Tensor) -> torch.Tensor:
        """Return a copy."""
        return weight.clone(memory_format=torch.contiguous_format)

    def scatter(self, values: torch.Tensor, weight: torch.Tensor) -> None:
        """Copy back."""
        weight.copy_(values.detach())

    def on(self, values: torch.Tensor, *, shared: bool = False) -> Map:
        """Return the layer with these values."""
        return lambda x, bias: _DenseProduct.apply(values, bias, x, self, shared)

    def product(self, left: torch.Tensor, right: torch.Tensor) -> list[torch.Tensor]:
        """Return left [R, m, k] times right [R, n, k] transposed, a [m, n] for each replicate."""
        if not self.onednn:
            return list(torch.bmm(left, right.transpose(1, 2)))
        pairs = zip(left, right, strict=True)
        return [torch.ops.mkldnn._linear_pointwise(a, b, None, "none", [], "") for a, b in pairs]


class _DenseProduct(torch.autograd.Function):
    """x W^T + b for each replicate."""

    @staticmethod
    def forward(
        ctx: Any, values: torch.Tensor, bias: torch.Tensor, x: torch.Tensor, block: DenseBlocks, shared: bool
    ) -> torch.Tensor:
        replicates, rows, columns = values.shape
        ctx.block = block
        ctx.save_for_backward(values, x)
        batch = x.shape[0]
        if shared:
            out = block.product(values.view(1, -1, columns), x.view(1, batch, columns))[0]
        else:
            inputs = x.T.view(replicates, columns, batch).transpose(1, 2)
            out = torch.stack(block.product(values, inputs)).view(replicates * rows, batch)
        return out.add_(bias.reshape(-1, 1)).T

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        values, x = ctx.saved_tensors
        replicates, rows, columns = values.shape
        g = gradient.T.contiguous().view(replicates, rows, -1)
        weight = torch.empty_like(values)
        products = ctx.block.product(g, x.T.view(replicates, columns, -1))
        for product, factor, out in zip(products, ctx.block.factor, weight, strict=True):
            torch.mul(product, factor, out=out)
        back = None
        if ctx.needs_input_grad[2]:
            back = torch.bmm(values.transpose(1, 2), g).view(replicates * columns, -1).T
        return weight, g.sum(2).flatten(), back, None, None


class SparseBlocks(Blocks):
    """The survivors alone: CSR indices of diag(W_1, ..., W_R), each W_r [out, in].

    The indices are 32 bits wide, which is what the CPU's sparse library takes without a copy.
    """

    def __init__(self, mask: torch.Tensor) -> None:
        """Index the survivors of a mask [R, out, in], and those of its transpose."""
        replicates, rows, columns = mask.shape
        self.flat = mask.flatten().nonzero().flatten()
        replicate, place = self.flat // (rows * columns), self.flat % (rows * columns)
        row, column = replicate * rows + place // columns, replicate * columns + place % columns
        self.size = (replicates * rows, replicates * columns)
        self.shared_size = (replicates * rows, columns)
        self.crow, self.column = _pointers(row, self.size[0]), column.int()
        self.shared_column = (place % columns).int()
        self.turn = column.argsort(stable=True)
        self.turned_crow, self.turned_column = _pointers(column, self.size[1]), row[self.turn].int()

    def gather(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the survivors as a vector."""
        return weight.flatten().index_select(0, self.flat)

    def scatter(self, values: torch.Tensor, weight: torch.Tensor) -> None:
        """Write the survivors; what is pruned is not touched."""
        weight.view(-1).index_copy_(0, self.flat, values.detach())

    def on(self, values: torch.Tensor, *, shared: bool = False) -> Map:
        """Return the layer with these values."""
        return lambda x, bias: _SparseProduct.apply(values, bias, x, self, shared)

    def matrix(self, values: torch.Tensor, *, shared: bool = False) -> torch.Tensor:
        """Return the block-diagonal CSR matrix; shared, the blocks stand above each other."""
        columns, size = (self.shared_column, self.shared_size) if shared else (self.column, self.size)
        return torch.sparse_csr_tensor(self.crow, columns, values, size=size, check_invariants=False)

    def turned(self, values: torch.Tensor) -> torch.Tensor:
        """Return the transpose of the matrix, again CSR."""
        values = values.index_select(0, self.turn)
        size = self.size[::-1]
        return torch.sparse_csr_tensor(self.turned_crow, self.turned_column, values, size=size, check_invariants=False)


class _SparseProduct(torch.autograd.Function):
    """x W^T + b on survivors; the gradient is sampled where a weight survives."""

    @staticmethod
    def forward(
        ctx: Any, values: torch.Tensor, bias: torch.Tensor, x: torch.Tensor, block: SparseBlocks, shared: bool
    ) -> torch.Tensor:
        ctx.block = block
        ctx.save_for_backward(values, x)
        return torch.addmm(bias.reshape(-1, 1), block.matrix(values, shared=shared), x.T).T

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        values, x = ctx.saved_tensors
        g = gradient.T
        sampled = torch.sparse.sampled_addmm(ctx.block.matrix(values), g, x, beta=0.0).values()
        back = (ctx.block.turned(values) @ g).T if ctx.needs_input_grad[2] else None
        return sampled, g.sum(1), back, None, None


def _pointers(rows: torch.Tensor, count: int) -> torch.Tensor:
    """Return where each of `count` rows begins among sorted row numbers."""
    return torch.nn.functional.pad(torch.bincount(rows, minlength=count).cumsum(0), (1, 0)).int()
