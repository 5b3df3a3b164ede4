"""A layer of all replicates is one linear map: its weights are blocks on a diagonal, sparse or dense.

Activations and gradients are [R * features, B], contiguous along the batch, which is what the
products of a CPU read fast.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch

# The products used here are checked against dense ones by the tests.
warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")

DENSE_ABOVE = 0.2
"""Above this density a layer's dense product is faster than its sparse one (measured: 784x300, batch 60)."""

ONEDNN_FROM = 20_000
"""From this many weights on, oneDNN's product is faster than a batched one, twice as fast on some processors."""


class Blocks(ABC):
    """The weights [R, out, in] of one layer, held in the pieces that its products read."""

    @abstractmethod
    def gather(self, weight: torch.Tensor) -> list[torch.Tensor]:
        """Return the pieces of a weight [R, out, in], in memory of their own."""

    @abstractmethod
    def scatter(self, pieces: Sequence[torch.Tensor], weight: torch.Tensor) -> None:
        """Write pieces into a weight [R, out, in], in place."""

    @abstractmethod
    def forward(
        self, pieces: Sequence[torch.Tensor], bias: torch.Tensor, x: torch.Tensor, *, shared: bool = False
    ) -> torch.Tensor:
        """Return W x + b, [R * out, B], of inputs [R * in, B], or [in, B] if the replicates share them."""

    @abstractmethod
    def toward_weights(self, pieces: Sequence[torch.Tensor], g: torch.Tensor, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the loss's gradient by the weights, in pieces, from that by the outputs and from the inputs."""

    @abstractmethod
    def toward_inputs(self, pieces: Sequence[torch.Tensor], g: torch.Tensor) -> torch.Tensor:
        """Return the loss's gradient by the inputs, [R * in, B], from that by the outputs, [R * out, B]."""


def blocks(mask: torch.Tensor) -> Blocks:
    """Return sparse blocks for a mask [R, out, in] of low density, else dense ones."""
    share = float(mask.sum()) / mask.numel()
    return DenseBlocks(mask) if share > DENSE_ABOVE else SparseBlocks(mask)


class DenseBlocks(Blocks):
    """Every weight: a piece [out, in] for each replicate, or one [R, out, in] where a batched product is the faster.

    The weights are zero where they are masked, so that only the gradient is multiplied by the mask.
    """

    def __init__(self, mask: torch.Tensor) -> None:
        """Hold the mask as 0 and 1, or nothing if it keeps everything."""
        self.replicates, self.rows, self.columns = mask.shape
        onednn = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        self.onednn = onednn and mask[0].numel() >= ONEDNN_FROM
        self.factors = None if bool(mask.all()) else self.gather(mask.float())

    def gather(self, weight: torch.Tensor) -> list[torch.Tensor]:
        """Return copies."""
        whole = weight.clone(memory_format=torch.contiguous_format)
        return [row.clone() for row in whole] if self.onednn else [whole]

    def scatter(self, pieces: Sequence[torch.Tensor], weight: torch.Tensor) -> None:
        """Copy back."""
        for piece, place in zip(pieces, weight if self.onednn else [weight], strict=True):
            place.copy_(piece)

    def forward(
        self, pieces: Sequence[torch.Tensor], bias: torch.Tensor, x: torch.Tensor, *, shared: bool = False
    ) -> torch.Tensor:
        """Return the products plus the bias."""
        if shared:
            products = self._shared_products(pieces, x.T)
        else:
            products = self.products(pieces, x.view(self.replicates, self.columns, -1).transpose(1, 2))
        return torch.cat([product.view(-1, x.shape[-1]) for product in products]).add_(bias[:, None])

    def toward_weights(self, pieces: Sequence[torch.Tensor], g: torch.Tensor, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the products, zero where they are masked."""
        g, x = g.view(self.replicates, self.rows, -1), x.view(self.replicates, self.columns, -1)
        gradient = self.products(self.split(g), x)
        if self.factors is not None:
            for piece, factor in zip(gradient, self.factors, strict=True):
                piece.mul_(factor)
        return gradient

    def toward_inputs(self, pieces: Sequence[torch.Tensor], g: torch.Tensor) -> torch.Tensor:
        """Return the products with the transposed weights."""
        own = self.split(g.view(self.replicates, self.rows, -1))
        return torch.cat([(one.mT @ other).flatten(0, -2) for one, other in zip(pieces, own, strict=True)])

    def products(self, left: Sequence[torch.Tensor], right: torch.Tensor) -> list[torch.Tensor]:
        """Return left times right [R, n, k] transposed, where left is pieces of [R, m, k]; again in pieces."""
        if not self.onednn:
            return [torch.bmm(left[0], right.transpose(1, 2))]
        return [_onednn(one, other) for one, other in zip(left, right, strict=True)]

    def _shared_products(self, left: Sequence[torch.Tensor], right: torch.Tensor) -> list[torch.Tensor]:
        """Return the same for one right [n, k] that all replicates share."""
        if not self.onednn:
            return [left[0].view(-1, self.columns) @ right.T]
        return [_onednn(one, right) for one in left]

    def split(self, whole: torch.Tensor) -> Sequence[torch.Tensor]:
        """Return views of [R, m, k] in pieces."""
        return whole.unbind() if self.onednn else [whole]


def _onednn(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return left [m, k] times right [n, k] transposed."""
    return torch.ops.mkldnn._linear_pointwise(left, right, None, "none", [], "")


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

    def gather(self, weight: torch.Tensor) -> list[torch.Tensor]:
        """Return the survivors as one vector."""
        return [weight.flatten().index_select(0, self.flat)]

    def scatter(self, pieces: Sequence[torch.Tensor], weight: torch.Tensor) -> None:
        """Write the survivors; what is pruned is not touched."""
        weight.view(-1).index_copy_(0, self.flat, pieces[0])

    def forward(
        self, pieces: Sequence[torch.Tensor], bias: torch.Tensor, x: torch.Tensor, *, shared: bool = False
    ) -> torch.Tensor:
        """Return the sparse product plus the bias."""
        return torch.addmm(bias[:, None], self.matrix(pieces[0], shared=shared), x)

    def toward_weights(self, pieces: Sequence[torch.Tensor], g: torch.Tensor, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the products sampled where a weight survives."""
        return [torch.sparse.sampled_addmm(self.matrix(pieces[0]), g, x.T, beta=0.0).values()]

    def toward_inputs(self, pieces: Sequence[torch.Tensor], g: torch.Tensor) -> torch.Tensor:
        """Return the product with the transposed weights."""
        return self.turned(pieces[0]) @ g

    def matrix(self, values: torch.Tensor, *, shared: bool = False) -> torch.Tensor:
        """Return the block-diagonal CSR matrix; shared, the blocks stand above each other."""
        columns, size = (self.shared_column, self.shared_size) if shared else (self.column, self.size)
        return torch.sparse_csr_tensor(self.crow, columns, values, size=size, check_invariants=False)

    def turned(self, values: torch.Tensor) -> torch.Tensor:
        """Return the transpose of the matrix, again CSR."""
        values = values.index_select(0, self.turn)
        size = self.size[::-1]
        return torch.sparse_csr_tensor(self.turned_crow, self.turned_column, values, size=size, check_invariants=False)


def _pointers(rows: torch.Tensor, count: int) -> torch.Tensor:
    """Return where each of `count` rows begins among sorted row numbers."""
    return torch.nn.functional.pad(torch.bincount(rows, minlength=count).cumsum(0), (1, 0)).int()
