from __future__ import annotations

import pytest
import torch

from lth_lib.data import Marked, Repeated
from lth_lib.data.sequences import Sequences


@pytest.mark.parametrize("data", [Marked(), Repeated()], ids=lambda one: type(one).__name__)
def test_sequences_are_as_many_as_they_say_and_the_same_again(data: Sequences) -> None:
    arrays = data.load()
    assert [len(split.y) for split in (arrays.train, arrays.valid, arrays.test)] == [4_000, 500, 1_000]
    assert arrays.train.x.shape[1:] == data.shape
    assert arrays.train.x.dtype == arrays.train.y.dtype == torch.int64
    assert not torch.equal(arrays.train.x[:500], arrays.valid.x)
    assert data.load() is arrays
    assert int(arrays.train.y.max()) == data.classes - 1


def test_the_target_stands_behind_the_mark() -> None:
    split = Marked().load().train
    rows, places = (split.x == 8).nonzero(as_tuple=True)
    assert torch.equal(rows, torch.arange(len(split.y))), "one mark in each"
    assert torch.equal(split.x[rows, places + 1], split.y)


def test_what_follows_is_what_stood_four_before() -> None:
    split = Repeated().load().test
    assert torch.equal(split.y[:, :-1][:, 3:], split.x[:, 1:][:, 3:])
    assert torch.equal(split.y[:, 3:], split.x[:, :-3])
    assert (split.y[:, :3] == -1).all(), "it cannot be known yet, and is not asked"
