"""Weights come back bit for bit; those that are damaged, or another run's, are set aside."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import tiny
import torch
from kept import truncate

from lth_lib.results.store import Place, Store


def test_weights_come_back_bit_for_bit(store: Store) -> None:
    weights = {"params/fc1.weight": torch.randn(3, 4), "statistics/bn.mean": torch.tensor([float("nan"), 1.0])}
    assert store.read_weights("0" * 64) is None
    store.write_weights("0" * 64, weights)
    assert tiny.same_tree(store.read_weights("0" * 64) or {}, weights)


def test_a_folder_where_weights_belong_is_set_aside(in_folder: Store) -> None:
    path = in_folder.weights("0" * 64)
    path.mkdir(parents=True)
    with pytest.warns(UserWarning, match="set aside"):
        assert in_folder.read_weights("0" * 64) is None
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    assert in_folder.read_weights("0" * 64) is not None


def test_another_runs_weights_are_not_taken(in_folder: Store) -> None:
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    mine, other = (in_folder.scratch / "weights" / f"{digit * 64}.weights" for digit in "01")
    mine.rename(other)
    with pytest.warns(UserWarning, match="are damaged and were set aside"):
        assert in_folder.read_weights("1" * 64) is None


def test_what_is_written_may_be_read_by_others(in_folder: Store) -> None:
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    (path,) = (in_folder.scratch / "weights").iterdir()
    assert path.stat().st_mode & 0o777 == 0o644


def test_weights_are_written_whole_or_not_at_all(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"params/fc1.weight": torch.ones(3, 4)}
    in_folder.write_weights("0" * 64, weights)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        in_folder.write_weights("1" * 64, weights)
    assert in_folder.read_weights("1" * 64) is None
    assert len(list((in_folder.scratch / "weights").iterdir())) == 1, "nothing half there is left behind"


def flip(path: Place) -> None:
    """Flip a bit of the last byte, in the middle of a number."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize("damage", [truncate, flip])
def test_damaged_weights_are_set_aside(damage: Callable[[Place], None], store: Store) -> None:
    store.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    path = store.scratch / "weights" / f"{'0' * 64}.weights"
    damage(path)
    with pytest.warns(UserWarning, match="set aside"):
        assert store.read_weights("0" * 64) is None
    assert [left.name for left in path.parent.iterdir()] == [f"{'0' * 64}.damaged"]
    store.write_weights("0" * 64, {"params/fc1.weight": torch.zeros(3, 4)})
    assert store.has_weights("0" * 64)
