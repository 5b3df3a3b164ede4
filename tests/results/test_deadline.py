"""At a deadline a training writes a checkpoint and stops; given again it ends as one that was never stopped."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.experiments.run import Run
from lth_lib.results import deadline
from lth_lib.results.compute import compute
from lth_lib.results.deadline import Deadline, Stopped
from lth_lib.spec import SpecError


class Clock:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def after(clock: Clock, seconds: float, until: Deadline) -> bool:
    """Say whether the end is near after a segment of so many seconds."""
    clock.now += seconds
    return until.near()


def test_it_is_near_when_the_longest_segment_would_not_end_in_time(clock: Clock) -> None:
    until = Deadline(10)  # 580 seconds, and the reserve
    until.started()
    assert not after(clock, 100, until), "480 left, and as long again would end"
    assert [after(clock, 100, until) for _ in range(3)] == [False, False, False]
    assert not after(clock, 50, until), "130 left"
    assert after(clock, 50, until), "80 left, and some segment took 100"


def test_the_end_of_a_run_is_reckoned_as_the_last_took(clock: Clock) -> None:
    until = Deadline(10)
    until.started()
    assert [after(clock, 100, until) for _ in range(2)] == [False, False]
    clock.now += 150
    until.ended()
    until.started()
    assert after(clock, 60, until), "170 left: as long again would end, and the end of the run would not"


def test_a_beginning_that_took_longer_is_no_segment(clock: Clock) -> None:
    until = Deadline(10)
    until.started()
    after(clock, 280, until)
    assert [after(clock, 100, until) for _ in range(2)] == [False, True]


def test_no_run_begins_that_would_not_come_to_a_checkpoint(clock: Clock) -> None:
    until = Deadline(1)
    until.started()
    after(clock, 26, until)
    until.started()
    clock.now += 3
    with pytest.raises(Stopped, match="before the 1 minutes were over: no run would come to a checkpoint"):
        until.started()


def test_without_minutes_there_is_none(clock: Clock) -> None:
    until = Deadline()
    until.started()
    assert not after(clock, 1e9, until)


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan"), float("inf")])
def test_other_minutes_are_refused(minutes: float) -> None:
    with pytest.raises(SpecError, match="a number above 0"):
        Deadline(minutes)


def test_a_stopped_run_goes_on_as_if_it_had_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(setting(), seeds=SEEDS)
    stopped, alone = tiny.store(tmp_path / "stopped"), tiny.store(tmp_path / "alone")
    compute([run], alone, train=True, progress=False)
    segments = itertools.count(1)
    monkeypatch.setattr(Deadline, "near", lambda _: next(segments) == 2)
    with pytest.raises(Stopped, match=r"in run [0-9a-f]{12} \(level 0\) at step 20 of 40\. Its checkpoint"):
        compute([run], stopped, train=True, progress=False, deadline=Deadline(1))
    assert not stopped.has(run)
    until = Deadline(1)
    compute([run], stopped, train=True, progress=False, deadline=until)
    assert 0 < until._ending < 60
    assert next(segments) == 5, "the two other segments were trained"
    assert tiny.same_result(run, stopped, alone)
