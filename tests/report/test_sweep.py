"""What many runs would cost, worked by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import FakeRun

from lth_lib.report import sweep

DENSE = FakeRun(digest="dense")
TICKET = FakeRun(digest="ticket", made_from=(DENSE,))
LOST = FakeRun(digest="lost", made_from=(FakeRun(digest="elsewhere"),))


@dataclass(frozen=True)
class Stored:
    run: FakeRun
    provenance: dict[str, Any] = field(default_factory=dict)


def stored(run: FakeRun, seconds: float, threads: int = 1, device: str = "A") -> Stored:
    return Stored(run, {"seconds": seconds, "threads": threads, "device": device})


RUNS = [stored(DENSE, 3600), stored(TICKET, 1800, 2), stored(LOST, 3600, device="B")]


def test_a_chain_is_a_run_and_all_that_it_is_made_from() -> None:
    found = sweep.sweep(RUNS)
    assert (found.each, found.shortest, found.longest) == (3600, 1800, 3600)
    assert found.chain == 5400, "a parent that is not stored counts for nothing"


def test_the_rest_waits_for_the_longest_chain() -> None:
    found = sweep.sweep(RUNS)
    assert found.core_hours(30) == 30
    assert found.widest(30) == pytest.approx(20)
    assert [found.hours(30, cores) for cores in (10, 20, 100)] == [3.0, 1.5, 1.5]
    shown = found.table(30_000, (2, 1024))
    assert shown.to_numpy().tolist() == [["2", "30,000", "15,000.0"], ["1,024", "30,000", "29.3"]]


def test_who_trained_them_is_said_once() -> None:
    assert sweep.trained_on(RUNS) == "1 or 2 threads, on A; B"
    assert sweep.trained_on(RUNS[:1]) == "1 thread, on A"


def test_what_waits_for_nothing_is_trained_at_once() -> None:
    # Two chains, of which the second ends with two runs that wait for both.
    after = {"a": (), "b": (), "a2": ("a",), "b2": ("b",), "c": ("a2", "b"), "d": ("b2", "a")}
    assert sweep.rounds(after) == {1: 2, 2: 2, 3: 2}
    assert sweep.rounds({}) == {}
