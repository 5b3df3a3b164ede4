"""A network is tried on a few examples before anything trains: what does not fit or cannot be repeated is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from lth_lib.data import Arrays, Dataset, normalise
from lth_lib.models import BatchNorm, Model, initial, refuse_chance
from lth_lib.replicates import Tree, generators, others_stream
from lth_lib.spec import refuse, require

_TRIED: set[tuple[Any, ...]] = set()
"""The networks and data sets that were tried, each once in a process."""


def check(model: Model, data: Dataset, arrays: Arrays, batch: int) -> None:
    """Raise `SpecError` unless a network takes the examples of a data set, in batches of some size, alike each time.

    It is tried on the CPU first, where a token beyond an embedding is an error that can be caught.
    """
    device = str(arrays.train.x.device)
    key = (model.digest, data.digest, arrays.fingerprint, device, batch == 1)
    if key in _TRIED:
        return
    x, y = _examples(arrays)
    few = slice(1 if batch == 1 else None)  # of one example a batch norm cannot take the deviation
    with others_stream(0, "trial"):
        trial = _Trial.of(model, data, "cpu")
        trial.repeats(x.cpu(), y.cpu(), training=False)
        trial.repeats(x[few].cpu(), y[few].cpu(), training=True)
        trial.uses_all(x[few].cpu(), y[few].cpu())
        if device != "cpu":
            _Trial.of(model, data, device).out(x, y, training=False)
    _TRIED.add(key)


def _examples(arrays: Arrays) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the first two training examples, and of tokens those of each split that have the least and the most."""
    x, y = [arrays.train.x[:2]], [arrays.train.y[:2]]
    for split in (arrays.train, arrays.valid, arrays.test) if arrays.train.x.dtype == torch.int64 else ():
        tokens = split.x.flatten(1)
        rows = torch.stack([tokens.amin(1).argmin(), tokens.amax(1).argmax()])
        x, y = [*x, split.x[rows]], [*y, split.y[rows]]
    return normalise(torch.cat(x), arrays), torch.cat(y)


@dataclass(frozen=True)
class _Trial:
    """A network with one replicate's initial parameters and statistics, beside the data that it is to learn."""

    model: Model
    data: Dataset
    params: Tree
    statistics: Tree

    @classmethod
    def of(cls, model: Model, data: Dataset, device: str) -> _Trial:
        """Return it on a device."""
        trees = initial(model, data.shape, data.classes, (0,), device=device)
        params, statistics = ({name: value[0] for name, value in tree.items()} for tree in trees)
        return cls(model, data, params, statistics)

    def out(self, x: torch.Tensor, y: torch.Tensor, training: bool) -> tuple[torch.Tensor, Tree]:
        """Return its outputs and moved statistics; raises `SpecError` unless it has outputs that fit the targets."""
        norm, name = BatchNorm(self.statistics, training), type(self.data).__name__
        try:
            out = self.model.apply(self.params, x, norm)
        except Exception as fault:  # whatever somebody's network raises at what it is given
            said = " ".join(str(fault).split()) or type(fault).__name__
            refuse(f"{self.model} cannot be applied to inputs of {name}, {x.dtype} {list(x.shape)}: {said}.")
        wanted = (*y.shape, self.data.classes)
        fits = isinstance(out, torch.Tensor) and out.shape == wanted and out.dtype == torch.float32
        given = f"{out.dtype} {list(out.shape)}" if isinstance(out, torch.Tensor) else type(out).__name__
        require(
            fits, f"{self.model} puts out {given} for {len(y)} examples of {name}; it must be float32 {list(wanted)}."
        )
        return out, norm.moved

    @torch.no_grad()
    def repeats(self, x: torch.Tensor, y: torch.Tensor, training: bool) -> None:
        """Raise `SpecError` unless it gives the same twice, bit for bit, draws nothing and keeps nothing."""
        drawn, kept, name = generators(), self.model.kept(), type(self.model).__name__
        one, again = (_bits(*self.out(x, y, training)) for _ in "ab")
        refuse_chance(self.model, [] if generators() == drawn else ["something in its forward"])
        moved = [each for each, value in self.model.kept().items() if value != kept.get(each)]
        require(
            not moved,
            f"{name} changes {', '.join(moved)} while it computes, so that its replicates would not be apart; register "
            "it as a buffer.",
        )
        require(
            one == again,
            f"{name} gives other outputs when it is given the same again, so that its training could not be repeated; "
            "leave out what draws at random or remembers, or make it a buffer.",
        )

    def uses_all(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """Raise `SpecError` for parameters of which no output is a function."""
        params = {name: value.detach().requires_grad_() for name, value in self.params.items()}
        out, _ = _Trial(self.model, self.data, params, self.statistics).out(x, y, training=True)
        unused = list(params)
        if out.requires_grad:
            found = torch.autograd.grad(out.sum(), list(params.values()), allow_unused=True)
            unused = [name for name, value in zip(params, found, strict=True) if value is None]
        require(
            not unused,
            f"{type(self.model).__name__} makes no use of {', '.join(unused)} when it is trained; leave those out.",
        )


def _bits(out: torch.Tensor, moved: Tree) -> list[bytes]:
    return [value.detach().numpy().tobytes() for value in (out, *moved.values())]
