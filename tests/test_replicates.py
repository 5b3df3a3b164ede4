"""A replicate is a row: what is lifted is what a loop over replicates would make, and streams are pure functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lth_lib.replicates import check_seeds, lift, stack, stream
from lth_lib.spec import SpecError


def test_streams_draw_these_numbers_for_ever() -> None:
    assert stream(3, "order", 0).permutation(8).tolist() == [3, 2, 1, 6, 4, 0, 7, 5]
    assert stream(0, "init", "", "fc1").standard_normal(3, dtype=np.float32).tolist() == pytest.approx(
        [-0.4264165, -2.273545, 0.1975752], rel=1e-6
    )


def test_a_stream_is_a_function_of_its_name_alone() -> None:
    first = stream(3, "order", 0).random(5)
    stream(3, "order", 1).random(100)
    np.random.seed(0)
    assert (stream(3, "order", 0).random(5) == first).all()


@pytest.mark.parametrize("other", [(4, "order", 0), (3, "order", 1), (3, "order", "0"), (3, "order"), (3, "init", 0)])
def test_another_name_is_another_stream(other: tuple[Any, ...]) -> None:
    assert not np.isin(stream(*other).random(50), stream(3, "order", 0).random(50)).any()


def one(tree: dict[str, torch.Tensor], x: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return things of several shapes, with a gradient among them."""
    loss = torch.func.grad(lambda w: torch.tanh(x @ w).sum())(tree["w"])
    return (x @ tree["w"]).sum(0) + tree["b"], {"gradient": loss, "largest": x.max()}


def arguments(replicates: int = 3, batch: int = 5) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    rng = stream(0, "test", replicates, batch)
    draw = lambda *shape: torch.from_numpy(rng.standard_normal((replicates, *shape), dtype=np.float32))  # noqa: E731
    return {"w": draw(4, 2), "b": draw(2)}, draw(batch, 4)


def test_lifted_is_looped() -> None:
    lifted = lift(one)
    for batch in (5, 7, 5):  # a graph for each shape, the first used again
        tree, x = arguments(batch=batch)
        out, named = lifted(tree, x)
        for row in range(3):
            expected, expected_named = one({name: value[row] for name, value in tree.items()}, x[row])
            torch.testing.assert_close(out[row], expected)
            for name, value in expected_named.items():
                torch.testing.assert_close(named[name][row], value)


def test_permuting_replicates_permutes_what_is_lifted() -> None:
    tree, x = arguments()
    order = torch.tensor([2, 0, 1])
    lifted = lift(one)
    out, named = lifted(tree, x)
    other, other_named = lifted({name: value[order] for name, value in tree.items()}, x[order])
    torch.testing.assert_close(other, out[order])
    torch.testing.assert_close(other_named["gradient"], named["gradient"][order])


def test_an_argument_may_be_shared() -> None:
    tree, x = arguments()
    out, _ = lift(one, in_dims=(0, None))(tree, x[0])
    torch.testing.assert_close(out[1], one({name: value[1] for name, value in tree.items()}, x[0])[0])


def test_chance_inside_what_is_lifted_is_refused() -> None:
    with pytest.raises(RuntimeError, match="random"):
        lift(lambda x: x + torch.rand_like(x))(torch.ones(2, 3))


def test_stacking_gives_the_first_axis() -> None:
    tree = stack([{"a": np.full(2, seed, np.float32)} for seed in (1, 2, 3)])
    assert tree["a"].tolist() == [[1, 1], [2, 2], [3, 3]]


@pytest.mark.parametrize("seeds", [(), (0, 0), (-1,), (0.5,), ("0",), [0, 1], 3, (np.int64(3),)])
def test_seeds_that_are_none_are_refused(seeds: Any) -> None:
    with pytest.raises(SpecError, match="a tuple of distinct whole numbers"):
        check_seeds(seeds)
