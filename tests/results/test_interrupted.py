"""Killed at any moment, or stopped by the disk, and started again, a training ends as one that nothing touched.

Each training here is a process of its own, and is compared, bit for bit, with that of a process left alone.
"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
import torch
from worker import Forker, chain

from lth_lib.replicates import stream

KILLED = -signal.SIGKILL
LONG = 120
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.fixture(scope="module")
def fork() -> Iterator[Forker]:
    forker = Forker()
    yield forker
    forker.close()


@pytest.fixture(scope="module")
def alone(fork: Forker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a short chain that nothing touched."""
    folder = tmp_path_factory.mktemp("alone")
    assert fork(folder)[0] == 0
    return folder


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def check_same(folder: Path, alone: Path, steps: int = 40) -> None:
    """Both stores hold the same weights, masks and metrics, and wrote the same checkpoints, optimiser and all."""
    one, other = tiny.store(folder), tiny.store(alone)
    assert all(tiny.same_result(run, one, other) for run in chain(steps))
    assert one.verify() == []
    assert set(lines(folder / "written")) <= set(lines(alone / "written"))
    assert len(list((one.scratch / "checkpoints").iterdir())) == 0


def resumed(folder: Path) -> list[int]:
    """Return the steps at which trainings in a folder went on from a checkpoint; -1 is a beginning."""
    return [int(line) for line in lines(folder / "resumed")]


def left_over(folder: Path) -> list[Path]:
    """Return what has a temporary name."""
    return [path for path in folder.rglob(".*") if path.name != "."]


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "scratch" / "checkpoints").rglob("*.safetensors"))


@pytest.mark.parametrize("device", DEVICES)
def test_killed_at_twenty_random_moments(device: str, fork: Forker, tmp_path: Path) -> None:
    alone, moments = tmp_path / "alone", stream(0, "tests", "kill")
    ended, life = fork(alone, steps=LONG, device=device)
    assert ended == 0
    assert len(lines(alone / "written")) == 2 * (LONG // 10 - 1)
    stores, killed = [tmp_path / "0"], 0
    for _ in range(100):
        if killed == 20:
            break
        ended, _ = fork(stores[-1], steps=LONG, device=device, seconds=moments.uniform(0, life))
        assert ended in (0, KILLED), lines(stores[-1] / "said")
        killed += ended == KILLED
        if ended == 0:
            stores.append(tmp_path / str(len(stores)))
    assert killed == 20, "no process ended before it was killed, or many did not"
    assert fork(stores[-1], steps=LONG, device=device)[0] == 0
    for folder in stores:
        check_same(folder, alone, LONG)
    went_on = [step for folder in stores for step in resumed(folder) if step >= 0]
    assert len(went_on) > 5
    assert len(set(went_on)) > 1
    assert any(len(resumed(folder)) > 2 for folder in stores), "one was killed more than once"


@pytest.mark.parametrize("whole", [True, False], ids=["before it begins", "when a checkpoint is due"])
def test_a_disk_that_may_not_be_written_is_said_and_what_is_there_is_read(
    whole: bool, fork: Forker, alone: Path, tmp_path: Path
) -> None:
    assert fork(tmp_path, die=4, after=True)[0] == KILLED
    was, scratch = kept(tmp_path), tmp_path / "scratch"
    places = [scratch, *(path for path in scratch.rglob("*") if path.is_dir())] if whole else [was[0].parent]
    for path in places:
        path.chmod(0o555)
    ended, _ = fork(tmp_path, permissions=True)
    for path in places:
        path.chmod(0o755)
    assert ended == 2
    (said,) = lines(tmp_path / "said")
    first = scratch / "weights" if whole else was[0].parent
    assert f"{first} cannot be written (Permission denied)" in said
    assert ("nothing was begun" if whole else "make it writable") in said
    assert (kept(tmp_path), left_over(tmp_path)) == (was, [])
    assert fork(tmp_path)[0] == 0
    assert resumed(tmp_path)[-3:] == [-1 if whole else 20, 20, -1], "at once, or when it had gone on from there once"
    check_same(tmp_path, alone)


def test_a_place_that_cannot_be_is_said(fork: Forker, tmp_path: Path) -> None:
    (tmp_path / "scratch").write_text("a file")
    assert fork(tmp_path)[0] == 2
    (said,) = lines(tmp_path / "said")
    assert f"{tmp_path / 'scratch'} is no folder" in said


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_each_moment_at_which_something_is_given_its_name(
    after: bool, fork: Forker, alone: Path, tmp_path: Path
) -> None:
    for number in itertools.count(1):
        folder = tmp_path / str(number)
        ended, _ = fork(folder, die=number, after=after)
        if ended == 0:
            break
        assert ended == KILLED
        assert bool(left_over(folder)) != after, "what is written is whole, and waits for its name"
        assert fork(folder)[0] == 0
        check_same(folder, alone)
        assert (max(resumed(folder)) > 0) == ((number - (not after)) % 8 > 1), "unless a run was just beginning"
    assert number == 2 * 8 + 1, "two runs of three checkpoints of two files, weights and a result"


def test_where_the_disk_is_full_it_says_so_and_goes_on_when_it_is_not(
    fork: Forker, alone: Path, tmp_path: Path
) -> None:
    for number in range(1, 16):
        folder = tmp_path / str(number)
        assert fork(folder, fill=number)[0] == 2
        (said,) = lines(folder / "said")
        assert f"{folder}/" in said
        assert "cannot be written (File too large)" in said
        assert "Free space there" in said
        assert "the same command again" in said
        assert left_over(folder) == []
        was = kept(folder)
        assert {f"{path.parent.name}/{path.name}" for path in was} <= set(lines(alone / "written"))
        assert fork(folder)[0] == 0
        check_same(folder, alone)
        assert not was or int(was[-1].name.partition("-")[0]) in resumed(folder)


@pytest.mark.parametrize("meet", [("_advance",), ("_advance", "_store")], ids=["beginning", "storing"])
def test_two_processes_that_compute_the_same_runs_end_with_the_same(
    meet: tuple[str, ...], fork: Forker, alone: Path, tmp_path: Path
) -> None:
    for number in range(5):
        folder = tmp_path / str(number)
        assert fork(folder, together=2, meet=meet)[0] == 0
        assert len(resumed(folder)) == 4, "both trained both runs"
        check_same(folder, alone)
        assert left_over(folder) == []


def test_where_one_of_two_processes_is_killed_the_other_ends_with_the_same(fork: Forker, tmp_path: Path) -> None:
    alone, moments = tmp_path / "alone", stream(0, "tests", "kill one of two")
    life, killed = fork(alone, steps=LONG)[1], 0
    for number in range(30):
        folder = tmp_path / str(number)
        ended, _ = fork(folder, steps=LONG, together=2, seconds=moments.uniform(0, life))
        assert ended in (0, KILLED), lines(folder / "said")
        killed += ended == KILLED
        assert all(tiny.same_result(run, tiny.store(folder), tiny.store(alone)) for run in chain(LONG))
        assert tiny.store(folder).verify() == []
        if killed == 3:
            break
    assert killed == 3
