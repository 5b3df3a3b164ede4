"""A run that is stopped anywhere and resumed is the run that was never stopped, bit for bit."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from short import chain, trained
from tiny import KERNELS, SEEDS, setting

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp
from lth_lib.models import ResNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import checkpoint, compute
from lth_lib.results.store import Store
from lth_lib.training.state import TrainState
from lth_lib.training.train import Trainer


class Stop(Exception):
    """What stops a training in these tests."""


def stop_after(segments: int, monkeypatch: pytest.MonkeyPatch, error: type[BaseException] = Stop) -> None:
    """Stop the next training when it has trained so many segments."""
    advance = Trainer.advance
    done = 0

    def counted(trainer: Trainer, until: int) -> None:
        nonlocal done
        if done == segments:
            raise error
        advance(trainer, until)
        done += 1

    monkeypatch.setattr(Trainer, "advance", counted)


def stopped(runs: list[Run], store: Store, segments: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train until an error stops it after so many segments."""
    with monkeypatch.context() as stopping:
        stop_after(segments, stopping)
        with pytest.raises(Stop):
            trained(runs, store)


def count_segments(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list to which the step at which each segment begins is added."""
    steps: list[int] = []
    advance = Trainer.advance

    def noted(trainer: Trainer, until: int) -> None:
        steps.append(trainer.state.step)
        advance(trainer, until)

    monkeypatch.setattr(Trainer, "advance", noted)
    return steps


@pytest.mark.parametrize("stops", [(1, 1, 1), (3, 1, 3), (6, 0)])
@pytest.mark.parametrize("kind", KERNELS)
def test_stopped_anywhere_and_resumed_is_never_stopped(
    kind: str, stops: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    runs = chain()
    whole, parts = tiny.store(tmp_path / "whole"), tiny.store(tmp_path / "parts")
    trained(runs, whole)
    segments = count_segments(monkeypatch)
    for stop in stops:
        stopped(runs, parts, stop, monkeypatch)
    trained(runs, parts)
    assert segments == [0, 10, 20, 30] * 2, "no segment was trained twice"
    assert all(tiny.same_result(run, whole, parts) for run in runs)
    assert parts.verify() == []


@pytest.mark.parametrize("name", ["momentum", "ResNet"])
def test_other_optimisers_and_networks_resume_too(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = setting(tiny.SGDM)
    if name == "ResNet":
        short = setting(tiny.SGDM, steps=3, segment=1, test_every=1)
        given = replace(short, data=tiny.Colour(), model=ResNet(1))
    run = Run(given, seeds=SEEDS)
    whole, parts = tiny.store(tmp_path / "whole"), tiny.store(tmp_path / "parts")
    trained([run], whole)
    stopped([run], parts, 2, monkeypatch)
    segments = count_segments(monkeypatch)
    trained([run], parts)
    assert len(segments) == given.recipe.steps // given.recipe.segment - 2
    assert all(tiny.same_result(run, whole, parts) for run in [run])


def test_a_rewound_ticket_resumes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = imp(setting(), Pruner(), Geometric(0.5, 1), rewind=15, seeds=SEEDS)
    whole, parts = tiny.store(tmp_path / "whole"), tiny.store(tmp_path / "parts")
    trained(runs, whole)
    assert whole.read(runs[1]).metrics["step"].tolist() == [15, 20, 30, 40]
    trained([runs[0], *runs[1].ancestors()], parts)
    stopped(runs, parts, 2, monkeypatch)
    segments = count_segments(monkeypatch)
    trained(runs, parts)
    assert segments == [30]
    assert tiny.same_result(runs[1], whole, parts)


def test_a_damaged_checkpoint_costs_a_segment_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = chain()[0]
    whole, parts = tiny.store(tmp_path / "whole"), tiny.store(tmp_path / "parts")
    trained([run], whole)
    stopped([run], parts, 3, monkeypatch)
    newest = max((parts.scratch / "checkpoints" / run.digest).glob("*.safetensors"))
    newest.write_bytes(newest.read_bytes()[:100])
    segments = count_segments(monkeypatch)
    with pytest.warns(UserWarning, match="set aside"):
        trained([run], parts)
    assert segments == [20, 30]
    assert tiny.same_result(run, whole, parts)


def test_the_keyboard_stops_it_and_it_says_how_to_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = chain()[0]
    with monkeypatch.context() as stopping:
        stop_after(2, stopping, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            trained([run], store)
    said = capsys.readouterr().err
    assert run.digest[:12] in said
    assert "give the same command again" in said
    assert len(list((store.scratch / "checkpoints" / run.digest).glob("*.safetensors"))) == 2
    segments = count_segments(monkeypatch)
    trained([run], store)
    assert segments == [20, 30]


def test_checkpoints_are_written_no_more_often_than_asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    monkeypatch.setattr(checkpoint, "take", lambda folder, state: written.append(state.step))
    compute.compute(chain()[:1], store, train=True, checkpoint_every=3600, progress=False)
    assert written == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_goes_on_where_another_removes_its_checkpoints(
    when: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, mkstemp = checkpoint.take, tempfile.mkstemp
    run = chain()[0]
    folder = store.scratch / "checkpoints" / run.digest

    def lose(*arguments: object, **named: object) -> tuple[int, str]:
        if when == "before" and named["dir"] == folder:
            shutil.rmtree(folder)
        return mkstemp(*arguments, **named)  # type: ignore[call-overload]

    def take_and_lose(folder: Path, state: TrainState) -> None:
        take(folder, state)
        if when == "after":
            shutil.rmtree(folder)

    monkeypatch.setattr(tempfile, "mkstemp", lose)
    monkeypatch.setattr(checkpoint, "take", take_and_lose)
    assert run in trained([run], store)
    assert store.verify() == []


def test_where_all_checkpoints_are_removed_while_it_looks_it_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = chain()[0]
    whole, parts = tiny.store(tmp_path / "whole"), tiny.store(tmp_path / "parts")
    trained([run], whole)
    monkeypatch.setattr(checkpoint, "_written", lambda folder: [folder / "000000010-0.safetensors"])
    trained([run], parts)
    assert tiny.same_result(run, whole, parts)
