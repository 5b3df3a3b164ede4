"""A replicate is a seed: a row of every tensor and its own random streams."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten

from lth_lib.spec import exact, refuse, require, shown

Tree = dict[str, torch.Tensor]
"""Named tensors, the first axis of each R, the replicate."""


def stream(seed: int, *purpose: int | str) -> np.random.Generator:
    """Return the random stream of one seed for one purpose: a pure function of its name.

    `stream(3, "order", 0)` always draws the same numbers, on every machine and after every resume,
    and none in common with `stream(3, "order", 1)`; so nothing about randomness is ever saved.
    """
    clear = all("/" not in part for part in purpose if isinstance(part, str))
    require(clear, f"A stream was named {purpose!r}; a salt may hold any sign but '/', which separates the parts.")
    try:
        parts = [exact(part, int | str) for part in (seed, *purpose)]
    except TypeError:
        refuse(f"A stream was named {(seed, *purpose)!r}; its parts are whole numbers and texts of Python's own types.")
    name = "/".join(f"{type(part).__name__}:{part}" for part in parts)
    key = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


@contextmanager
def others_stream(seed: int, *purpose: int | str) -> Iterator[None]:
    """Have torch, numpy and Python draw from a stream, where others' code asks them to, and leave them as they were."""
    import random

    held, key = generators(), int(stream(seed, *purpose).integers(2**63))
    try:
        torch.manual_seed(key)
        np.random.seed(key % 2**32)
        random.seed(key)
        yield
    finally:
        torch.set_rng_state(torch.tensor(held[0], dtype=torch.uint8))
        np.random.set_state(held[1])
        random.setstate(held[2])


def generators() -> tuple[tuple[Any, ...], ...]:
    """Return the states, to be compared, of what others' code draws from: the generators of torch, numpy and Python."""
    import random

    name, key, *more = np.random.get_state()
    return tuple(torch.get_rng_state().tolist()), (name, tuple(key), *more), random.getstate()


def check_salt(name: str, salt: str) -> None:
    """Raise `SpecError` for a salt that names no stream, before anything is drawn from one."""
    require(
        "/" not in salt, f"{name} was {salt!r}; a salt may hold any sign but '/', which separates a stream's parts."
    )


def check_seeds(seeds: Sequence[int]) -> None:
    """Raise `SpecError` unless `seeds` is a non-empty tuple of distinct whole numbers."""
    whole = isinstance(seeds, tuple) and all(type(s) is int and s >= 0 for s in seeds)
    require(
        whole and 0 < len(seeds) == len(set(seeds)),
        f"seeds was {shown(seeds)}; it is a tuple of distinct whole numbers, one a replicate, such as (0, 1, 2).",
    )


def stack(trees: Sequence[dict[str, np.ndarray]], device: str = "cpu") -> Tree:
    """Stack one tree for each replicate into one tree whose tensors begin with the axis R."""
    return {k: torch.from_numpy(np.stack([tree[k] for tree in trees])).to(device) for k in trees[0]}


def lift(function: Callable[..., Any], in_dims: Any = 0) -> Callable[..., Any]:
    """Lift a function of one replicate to all of them: every argument gains a leading axis R.

    The lifted function is traced once for each set of shapes into a flat list of tensor
    operations, which replays without the cost of the transformations that made it.
    """
    lifted = torch.func.vmap(function, in_dims=in_dims, randomness="error")
    graphs: dict[Any, Callable[..., Any]] = {}

    def call(*arguments: Any) -> Any:
        leaves = tree_leaves(arguments)
        key = tuple((x.shape, x.dtype, x.device) if isinstance(x, torch.Tensor) else x for x in leaves)
        if key not in graphs:
            # A bare function of the leaves: the tracer would look through `functools.wraps` for the arguments.
            graphs[key] = make_fx(lambda *inner: lifted(*inner))(*arguments)
        return graphs[key](*arguments)

    return call


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lift a function of one replicate to all of them, one after the other: the derivative can be taken of it.

    The bits of a replicate are then its own, whatever stands beside it, and any function will do.
    """

    def call(*arguments: Any) -> Any:
        leaves, shape = tree_flatten(arguments)
        rows = zip(*(leaf.unbind() for leaf in leaves), strict=True)
        found = [function(*tree_unflatten(row, shape)) for row in rows]
        return tree_map(lambda *tensors: torch.stack(tensors), *found)

    return call
