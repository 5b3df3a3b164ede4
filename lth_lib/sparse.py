"""The weights of a layer in all replicates are one block-diagonal sparse matrix."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

# The products used here are checked against dense ones by the tests.
warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")

Index = torch.Tensor


class Block:
    """Where the survivors of one layer are: CSR indices of diag(W_1, ..., W_R), each W_r [out, in].

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
        """Return the survivors of a weight [R, out, in] as a vector."""
        return weight.flatten().index_select(0, self.flat)

    def scatter(self, values: torch.Tensor, weight: torch.Tensor) -> None:
        """Write the survivors into a weight [R, out, in], in place."""
        weight.view(-1).index_copy_(0, self.flat, values.detach())

    def on(self, values: torch.Tensor, *, shared: bool = False) -> Callable[..., torch.Tensor]:
        """Return the layer with these values, from inputs [B, R * in] (or shared, [B, in]) to [B, R * out]."""
        return lambda x, bias: _Product.apply(values, bias, x, self, shared)

    def matrix(self, values: torch.Tensor, *, shared: bool = False) -> torch.Tensor:
        """Return the block-diagonal CSR matrix; shared, the blocks stand above each other."""
        columns, size = (self.shared_column, self.shared_size) if shared else (self.column, self.size)
        return torch.sparse_csr_tensor(self.crow, columns, values, size=size, check_invariants=False)

    def turned(self, values: torch.Tensor) -> torch.Tensor:
        """Return the transpose of the matrix, again CSR."""
        values = values.index_select(0, self.turn)
        return torch.sparse_csr_tensor(self.turned_crow, self.turned_column, values, size=self.size[::-1], check_invariants=False)


class _Product(torch.autograd.Function):
    """x W^T + b on survivors; features are contiguous along the batch, which is what CSR products read fast."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, bias: torch.Tensor, x: torch.Tensor, block: Block, shared: bool) -> Any:  # noqa: ANN401
        ctx.block = block
        ctx.save_for_backward(values, x)
        return torch.addmm(bias.reshape(-1, 1), block.matrix(values, shared=shared), x.T).T

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # noqa: ANN401
        values, x = ctx.saved_tensors
        g = gradient.T
        sampled = torch.sparse.sampled_addmm(ctx.block.matrix(values), g, x, beta=0.0).values()
        back = (ctx.block.turned(values) @ g).T if ctx.needs_input_grad[2] else None
        return sampled, g.sum(1), back, None, None


def _pointers(rows: Index, count: int) -> Index:
    """Return where each of `count` rows begins among sorted row numbers."""
    return torch.nn.functional.pad(torch.bincount(rows, minlength=count).cumsum(0), (1, 0)).int()
