"""On a GPU the step is recorded once, as a CUDA graph, and replayed."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch

from lth_lib.replicates import Tree
from lth_lib.training.kernels.kernel import Evaluated, Slots, Stepwise

WARM = 3
"""Steps taken before the recording: in them torch makes its workspaces and the optimiser its state."""

Record = Callable[[Callable[[], None]], Callable[[], None]]
"""From a function to one that does the same to the same memory."""


class CapturedKernel(Stepwise):
    """Takes a kernel's steps by replaying one of them on buffers that hold the batch and the learning rate.

    The kernel launches of a step are then one launch, which is what limits small networks on a GPU. Replayed steps
    are the same kernels on the same numbers; the first ones are taken plainly. Every batch has the size of the first.
    """

    def __init__(self, inner: Stepwise, record: Record | None = None) -> None:
        """Hold the kernel whose steps are recorded, and what records (a CUDA graph unless told)."""
        self.inner, self.record = inner, record or _cuda_graph
        self._taken = 0
        self._replay: Callable[[], None] | None = None

    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float | torch.Tensor) -> torch.Tensor:
        """Take one step."""
        if self._taken < WARM:
            self._taken += 1
            return self._warm(x, y, rate)
        if self._replay is None:
            self._begin(x, y)
        assert self._replay is not None
        self._x.copy_(x)
        self._y.copy_(y)
        self._rate.fill_(rate)
        self._replay()
        return self._watched.clone()

    def _warm(self, x: torch.Tensor, y: torch.Tensor, rate: float | torch.Tensor) -> torch.Tensor:
        """Take a step plainly, with the learning rate in a tensor as later."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*capturable=True")  # which the later steps need
            return self.inner.step(x, y, torch.as_tensor(rate, device=x.device))

    def _begin(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """Make the buffers and record a step on them."""
        self._x, self._y = torch.empty_like(x), torch.empty_like(y)
        self._rate = torch.zeros((), device=x.device)
        self._watched = torch.empty(2, len(x), device=x.device)
        self._replay = self.record(self._body)

    def _body(self) -> None:
        self._watched.copy_(self.inner.step(self._x, self._y, self._rate))

    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the kernel's own evaluation."""
        return self.inner.evaluator(params, statistics)

    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Write the kernel's weights and slots back."""
        self.inner.save(params, statistics, slots)


def _cuda_graph(body: Callable[[], None]) -> Callable[[], None]:
    """Record a function as a CUDA graph; nothing is computed until it is replayed."""
    graph = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        body()
    return graph.replay
