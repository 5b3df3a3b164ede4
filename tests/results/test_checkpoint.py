"""A checkpoint is everything of a training; an altered one is set aside and the one before it is used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from tiny import KERNELS, finish, setting, trainer

from lth_lib.results import checkpoint
from lth_lib.results.store import Place
from lth_lib.training.state import TrainState
from lth_lib.training.train import Trainer

GIVEN = setting(tiny.SGDM)


def training() -> Trainer:
    return trainer(GIVEN, tiny.random_masks(GIVEN, 0.5))


def written(folder: Place, count: int = 3) -> Trainer:
    """Train so many segments, with a checkpoint after each."""
    one = training()
    for _ in range(count):
        one.advance(40)
        checkpoint.take(folder, one.state)
    return one


def same(one: TrainState, other: TrainState) -> bool:
    """Say whether two states are equal bit for bit."""
    trees = [(getattr(one, name), getattr(other, name)) for name in checkpoint.TREES]
    assert one.slots.keys() == other.slots.keys()
    trees += [(tree, other.slots[slot]) for slot, tree in one.slots.items()]
    rows = [(getattr(one, name), getattr(other, name)) for name in checkpoint.ROWS]
    assert one.history.keys() == other.history.keys()
    history = [(np.stack(rows), np.stack(other.history[name])) for name, rows in one.history.items()]
    return (
        one.step == other.step
        and all(tiny.same_tree(a, b) for a, b in trees)
        and all(tiny.same_bits(a, b) for a, b in rows)
        and all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in history)
    )


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("optimiser", [tiny.ADAM, tiny.SGDM], ids=["Adam", "SGD"])
def test_a_state_comes_back_bit_for_bit_and_trains_on_as_if_it_had_not_gone(
    kind: str, optimiser: tiny.Optimiser, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting(optimiser)
    masks = tiny.random_masks(given, 0.5)
    first, state = trainer(given, masks, diverged=(1,)), trainer(given, masks).state
    for _ in range(2):
        first.advance(40)
    checkpoint.take(place, first.state)
    assert checkpoint.resume(place, state)
    assert same(first.state, state)
    second = Trainer(given, tiny.SEEDS, "", state)
    assert same(finish(first).state, finish(second).state)


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("optimiser", [tiny.ADAM, tiny.SGDM], ids=["Adam", "SGD"])
def test_a_replicate_that_diverges_comes_back_bit_for_bit_too(
    kind: str, optimiser: tiny.Optimiser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting(optimiser)
    params, masks = tiny.weights_of(given)[0], tiny.random_masks(given, 0.5)
    for value in params.values():
        value[1] *= 1e13  # its loss is infinite after some steps
    whole = trainer(given, masks, params=params)
    parts = trainer(given, masks, params=params).state
    for _ in range(3):
        whole.advance(given.recipe.steps)
        part = Trainer(given, tiny.SEEDS, "", parts)
        part.advance(given.recipe.steps)
        assert same(whole.state, parts)
        checkpoint.take(tmp_path, parts)
        parts = trainer(given, masks, params=params).state
        assert checkpoint.resume(tmp_path, parts)
    assert (whole.state.diverged_at >= 0).tolist() == [False, True, False]


def test_one_that_cannot_be_read_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    older, newest = sorted(tmp_path.glob("*.safetensors"))
    read = Path.read_bytes

    def fail(path: Path) -> bytes:
        if path == newest:
            raise OSError(5, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    state = training().state
    with pytest.warns(UserWarning, match=rf"{newest.name} cannot be read \(Input/output error\)"):
        assert checkpoint.resume(tmp_path, state)
    assert state.step == int(older.name[:9])


def test_another_runs_is_not_taken(tmp_path: Path) -> None:
    written(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "other")
    with pytest.warns(UserWarning, match="does not match its checksum"):
        assert not checkpoint.resume(tmp_path / "other", training().state)


def test_the_two_newest_are_kept(place: Place) -> None:
    written(place)
    assert sorted(path.name.partition("-")[0] for path in place.iterdir()) == ["000000020", "000000030"]


def test_the_newest_is_used(place: Place) -> None:
    last, state = written(place), training().state
    assert checkpoint.resume(place, state)
    assert same(last.state, state)


def altered(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[:-1],
    "empty": lambda content: b"",
    "altered": altered,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_set_aside_with_a_warning_and_the_former_used(damage: str, place: Place) -> None:
    former, state = written(place, 2), training().state
    held = training().state
    assert checkpoint.resume(place, held)
    assert same(former.state, held)
    former.advance(40)
    checkpoint.take(place, former.state)
    newest = max(place.iterdir())
    newest.write_bytes(DAMAGES[damage](newest.read_bytes()))
    with pytest.warns(UserWarning, match="does not match its checksum and was set aside"):
        assert checkpoint.resume(place, state)
    assert same(held, state)
    assert newest.with_suffix(".damaged").exists()
    assert not newest.exists()


def test_where_all_are_damaged_the_state_stays_at_its_beginning(place: Place) -> None:
    written(place)
    for path in place.iterdir():
        path.write_bytes(altered(path.read_bytes()))
    state = training().state
    with pytest.warns(UserWarning, match="set aside"):
        assert not checkpoint.resume(place, state)
    assert same(state, training().state)


def test_a_folder_where_one_belongs_is_passed_over_and_goes_in_time(tmp_path: Path) -> None:
    written(tmp_path, 2)
    for name in ("000000005-a.safetensors", "000000035-a.safetensors"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inside").touch()
    second = training()
    with pytest.warns(UserWarning, match=r"000000035-a.safetensors cannot be read \(Is a directory\)"):
        assert checkpoint.resume(tmp_path, second.state)
    assert second.state.step == 20
    second.advance(40)
    checkpoint.take(tmp_path, second.state)
    assert not (tmp_path / "000000005-a.safetensors").exists()


def test_where_there_is_none_there_is_nothing_to_resume(place: Place) -> None:
    assert not checkpoint.resume(place, training().state)
    assert not checkpoint.resume(place / "absent", training().state)


def test_a_write_that_is_stopped_leaves_the_former_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = written(tmp_path, 2)
    before = sorted(tmp_path.iterdir())

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    one.advance(40)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.take(tmp_path, one.state)
    assert sorted(tmp_path.iterdir()) == before


def test_a_checkpoint_is_no_alias_of_the_state(tmp_path: Path) -> None:
    one = written(tmp_path, 1)
    kept = {name: value.clone() for name, value in one.state.params.items()}
    for value in one.state.params.values():
        value += 1
    state = training().state
    checkpoint.resume(tmp_path, state)
    assert tiny.same_tree(state.params, kept)
    assert all(isinstance(value, torch.Tensor) for tree in state.slots.values() for value in tree.values())
