"""Long work shows the runs done of those to do, the level, the steps a second and the time left; CI sees nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import tiny
import tqdm.auto
from tiny import SEEDS, setting

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import compute, engine, progress
from lth_lib.results.progress import Progress
from lth_lib.training.train import Trainer

RUNS = imp(setting(), Pruner(), Geometric(0.5, 2), seeds=SEEDS)


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def said(runs: list[Run], folder: Path, capfd: pytest.CaptureFixture[str], show: bool = True) -> str:
    compute.compute(runs, tiny.store(folder), train=True, progress=show)
    captured = capfd.readouterr()
    assert captured.out == ""
    return captured.err


def test_it_shows_runs_done_and_to_do_the_level_and_its_steps(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = Trainer.advance

    def slowly(trainer: Trainer, until: int) -> None:
        time.sleep(0.15)
        advance(trainer, until)

    monkeypatch.setattr(Trainer, "advance", slowly)
    shown = said(RUNS, tmp_path, capfd)
    for level in range(3):
        assert re.search(rf"level {level}, 3 replicates: +0%.* 0/40 ", shown)
        assert re.search(rf"level {level}, 3 replicates: +50%.* 20/40 \[00:\d\d<00:\d\d, [\d.]+step/s\]", shown)
    assert re.search(r"runs: +0%.* 0/3 ", shown)
    assert re.search(r"runs: +67%.* 2/3 \[00:\d\d<00:\d\d, ", shown)


def test_runs_that_are_needed_but_not_asked_for_are_counted(tmp_path: Path) -> None:
    bars = Progress(True)
    with bars.of(RUNS[2:]):
        assert (bars._runs.n, bars._runs.total) == (0, 1)
        for run in (*RUNS, RUNS[2]):
            bars.steps(run, 0).close()
            bars.done(run)
        assert (bars._runs.n, bars._runs.total) == (3, 3), "each once"


def test_a_run_that_another_process_finishes_is_counted_and_one_that_was_stored_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Progress] = []

    def noted(show: bool) -> Progress:
        made.append(Progress(show))
        return made[-1]

    def elsewhere(maker: engine.Engine, run: Run) -> None:
        monkeypatch.undo()
        compute.compute(RUNS, maker.store, train=True, progress=False)

    store = tiny.store(tmp_path)
    compute.compute(RUNS[:1], store, train=True, progress=False)
    train_here = engine.Engine.train_here
    monkeypatch.setattr(engine, "Progress", noted)
    monkeypatch.setattr(engine.Engine, "train_here", elsewhere)
    compute.compute(RUNS, store, train=True)
    assert engine.Engine.train_here is train_here
    assert (made[0]._runs.n, made[0]._runs.total) == (2, 2)


def test_a_resumed_run_begins_where_it_was() -> None:
    with Progress(True).steps(RUNS[1], 30) as bar:
        assert (bar.initial, bar.n, bar.total, bar.unit) == (30, 30, 40, "step")


@pytest.mark.parametrize("value", ["true", "1", "woodpecker"])
def test_continuous_integration_sees_nothing(
    value: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", value)
    assert said(RUNS, tmp_path, capfd) == ""


def test_who_asks_for_quiet_has_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(RUNS, tmp_path, capfd, show=False) == ""


@pytest.mark.parametrize("value", ["", "0", "false", "False"])
def test_a_variable_that_says_no_is_no(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    assert Progress(True).show


def test_where_nothing_is_to_be_done_nothing_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said(RUNS, tmp_path, capfd, show=False)
    assert said(RUNS, tmp_path, capfd) == ""
    compute.compute(RUNS, tiny.store(tmp_path))
    assert capfd.readouterr().err == ""


def test_it_is_the_bar_that_suits_a_terminal_and_a_notebook() -> None:
    assert progress.tqdm is tqdm.auto.tqdm
