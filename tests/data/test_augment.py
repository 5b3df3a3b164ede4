"""Crops are what a loop over images would make of the same draws, and the same again from the same stream."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lth_lib.data import CIFAR10Sample, Crops
from lth_lib.replicates import stream
from lth_lib.spec import SpecError

N = 40


@pytest.fixture
def x() -> torch.Tensor:
    return CIFAR10Sample().load().test.x[:N]


def draws(*row: int) -> torch.Tensor:
    return torch.tensor([row] * N)


def test_the_crop_at_the_centre_is_the_image(x: torch.Tensor) -> None:
    assert torch.equal(Crops().apply(x, draws(4, 4, 0)), x)
    assert torch.equal(Crops(pad=0).apply(x, draws(0, 0, 0)), x)


def test_mirrored_twice_is_the_image(x: torch.Tensor) -> None:
    once = Crops().apply(x, draws(4, 4, 1))
    assert torch.equal(once, x.flip(-1))
    assert torch.equal(Crops().apply(once, draws(4, 4, 1)), x)


def test_the_border_is_black(x: torch.Tensor) -> None:
    crop = Crops().apply(x, draws(0, 0, 0))
    assert crop[..., :4, :].sum() == 0
    assert crop[..., :4].sum() == 0
    assert torch.equal(crop[..., 4:, 4:], x[..., :-4, :-4])


def test_each_image_is_cut_by_its_own_draw(x: torch.Tensor) -> None:
    crops = Crops(pad=3)
    drawn = crops.draw(stream(0, "augment", 1), N)
    border = np.pad(x.numpy(), ((0, 0), (0, 0), (3, 3), (3, 3)))
    expected = np.empty_like(x.numpy())
    for i, (down, right, mirror) in enumerate(drawn):
        window = border[i, :, down : down + 32, right : right + 32]
        expected[i] = window[..., ::-1] if mirror else window
    applied = crops.apply(x, torch.from_numpy(drawn))
    assert applied.dtype == torch.uint8
    np.testing.assert_array_equal(applied.numpy(), expected)


def test_images_need_not_be_square() -> None:
    x = torch.arange(24, dtype=torch.uint8).view(1, 1, 4, 6)
    moved = Crops(pad=1).apply(x, torch.tensor([[2, 1, 1]]))
    assert torch.equal(moved[0, 0, :3], x[0, 0, 1:].flip(-1))
    assert moved[0, 0, 3].sum() == 0


def test_draws_are_a_function_of_the_stream() -> None:
    one, two, other = (Crops().draw(stream(3, "augment", step), 1_000) for step in (0, 0, 1))
    assert (one == two).all()
    assert (one != other).any()
    assert one.shape == (1_000, 3)


def test_draws_reach_every_offset_and_no_other() -> None:
    drawn = Crops(pad=2).draw(stream(0, "augment", 0), 5_000)
    counts = [np.bincount(column, minlength=1) for column in drawn.T]
    assert [len(c) for c in counts] == [5, 5, 2]
    for c in counts:
        assert abs(c / 5_000 - 1 / len(c)).max() < 0.03
    assert Crops(flip=False).draw(stream(0, "augment", 0), 500)[:, 2].sum() == 0


@pytest.mark.parametrize("pad", [-1, 1.5])
def test_an_impossible_border_is_refused(pad: float) -> None:
    with pytest.raises(SpecError, match="pad was"):
        Crops(pad=pad)  # type: ignore[arg-type]
