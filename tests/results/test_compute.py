"""A run is trained once; stopped anywhere and resumed it is the run that was never stopped, bit for bit."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pytest
import tiny
import torch
from tiny import KERNELS, SEEDS, setting

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.models import ResNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import checkpoint, compute, ending, engine
from lth_lib.results.compute import Missing, Results
from lth_lib.results.provenance import source
from lth_lib.results.store import Store, StoreError
from lth_lib.spec import SpecError
from lth_lib.training import kernels, recipe
from lth_lib.training.recipe import Rate, Setting
from lth_lib.training.state import TrainState
from lth_lib.training.train import PER_SEGMENT, Trainer


def chain(given: Setting | None = None, levels: int = 1, rate: float = 0.5) -> list[Run]:
    return imp(given or setting(), Pruner(), Geometric(rate, levels), seeds=SEEDS)


def trained(runs: list[Run], store: Store) -> Results:
    return compute.compute(runs, store, train=True, checkpoint_every=0, progress=False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


BLOCKED = {
    "results": lambda folder: (folder / "results").touch(),
    "measurements": lambda folder: ((folder / "results").mkdir(), (folder / "results" / "measurements").touch()),
    "scratch": lambda folder: (folder / "scratch").touch(),
    "weights": lambda folder: ((folder / "scratch").mkdir(), (folder / "scratch" / "weights").touch()),
    "checkpoints": lambda folder: ((folder / "scratch").mkdir(), (folder / "scratch" / "checkpoints").touch()),
}


@pytest.mark.parametrize("blocked", BLOCKED)
def test_a_place_that_cannot_be_written_is_said_before_anything_trains(
    blocked: str, tmp_path: Path, begun: list[Run]
) -> None:
    store = tiny.store(tmp_path)
    BLOCKED[blocked](tmp_path)
    with pytest.raises(
        StoreError, match=rf"{blocked} (cannot be written|is no folder)|{blocked}/\w+ cannot be written"
    ):
        trained(chain(), store)
    assert begun == []


def test_a_place_that_may_not_be_written_is_said_before_anything_trains(
    store: Store, begun: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tempfile.TemporaryFile

    def read_only(*, dir: Path) -> object:
        if store.scratch in dir.parents:
            raise PermissionError(13, "Permission denied")
        return temporary(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    with pytest.raises(StoreError, match=r"scratch.weights cannot be written \(Permission denied\)"):
        trained(chain(), store)
    assert begun == []


def test_what_is_all_stored_needs_no_place_to_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(chain(), store)
    monkeypatch.setattr(Store, "check_writable", lambda store: pytest.fail("nothing is to be written"))
    assert list(trained(chain(), store)) == list(whole)


def test_a_batch_above_the_data_is_said_before_its_parents_are_trained(store: Store, begun: list[Run]) -> None:
    dense, _ = chain()
    large = replace(setting(), recipe=replace(setting().recipe, batch=201))
    child = replace(dense, setting=large, ticket=Ticket(Pruned(dense, Pruner(), 0.5)))
    with pytest.raises(SpecError, match="batch was 201; Grey has 200 images to train"):
        trained([dense, child], store)
    assert begun == []


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Return the list to which every training that begins is added."""
    runs: list[Run] = []
    begin = engine.Engine._begin

    def noted(maker: engine.Engine, run: Run) -> object:
        out = begin(maker, run)
        runs.append(run)
        return out

    monkeypatch.setattr(engine.Engine, "_begin", noted)
    return runs


def forbid_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a Trainer was built")

    monkeypatch.setattr(engine, "Trainer", refuse)


def test_without_leave_to_train_it_says_how_many_are_missing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain(levels=2)
    trained(runs[:1], store)
    forbid_training(monkeypatch)
    with pytest.raises(Missing, match=r"2 of 3 runs are not stored .*make compute"):
        compute.compute(runs, store)
    found = compute.compute(runs, store, partial=True)
    assert list(found) == runs[:1]
    assert runs[0] in found
    assert runs[1] not in found
    with pytest.raises(KeyError):
        found[runs[1]]


def test_what_is_stored_is_not_trained_again(store: Store, monkeypatch: pytest.MonkeyPatch, begun: list[Run]) -> None:
    runs = chain()
    first = trained(runs, store)
    assert begun == runs
    forbid_training(monkeypatch)
    again = trained(chain(), store)
    assert len(again) == 2
    assert all(tiny.same_metrics(first[run], again[run]) for run in runs)
    assert len(compute.compute(runs, store)) == 2


def test_parents_are_trained_first_and_each_once(store: Store, begun: list[Run]) -> None:
    runs = chain(levels=2)
    results = trained([runs[2], runs[2], runs[1]], store)
    assert begun == runs
    assert list(results) == [runs[2], runs[1]]
    assert store.has(runs[0])
    assert store.verify() == []


def test_a_result_holds_what_was_recorded(store: Store) -> None:
    _, run = chain()
    result = trained([run], store)[run]
    metrics = result.metrics
    assert metrics["step"].tolist() == [0, 10, 20, 30, 40]
    assert all(metrics[name].shape == (5, 3) for name in (*PER_SEGMENT, "density"))
    at_end = metrics["final_test_accuracy"]
    np.testing.assert_array_equal(at_end, metrics["test_accuracy"][-1])
    best = metrics["valid_loss"].argmin(0)
    assert metrics["best_step"].tolist() == metrics["step"][best].tolist()
    top = metrics["valid_accuracy"].argmax(0)
    assert metrics["top_step"].tolist() == metrics["step"][top].tolist()
    assert metrics["top_test_accuracy"].shape == (3,)
    assert (metrics["diverged_at"] == -1).all()
    assert result.masks is not None
    assert {name: share.tolist() for name, share in result.layer_density.items()} == {
        name: mask.flatten(1).double().mean(1).tolist() for name, mask in result.masks.items()
    }
    assert result.empty_layers == ()
    assert result.provenance["threads"] == torch.get_num_threads()
    assert result.provenance["denormals"] == "flushed"
    assert (result.provenance["kernel"], result.provenance["numba"]) == ("CompiledKernel", numba.__version__)
    assert result.provenance["source"] == source()
    assert not (store.scratch / "checkpoints" / run.digest).exists(), "checkpoints of a finished run are dropped"


def test_a_result_names_the_kernel_that_trained_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = chain()
    monkeypatch.setattr(kernels, "_numba", lambda: False)
    about = trained([run], store)[run].provenance
    assert about["kernel"] == "LoopedKernel"
    assert "numba" not in about


@pytest.mark.parametrize("control", [reinitialised, shuffled])
def test_a_control_is_made_from_stored_masks_without_ancestors(control: type, store: Store, begun: list[Run]) -> None:
    runs = chain(levels=2)
    trained(runs, store)
    shutil.rmtree(store.scratch)
    begun.clear()
    run = control(runs[2])
    result = trained([run], store)[run]
    assert begun == [run]
    assert result.masks is None, "masks that can be made from stored ones are not stored twice"
    ticket = store.read(runs[2])
    for name, share in result.layer_density.items():
        np.testing.assert_array_equal(share, ticket.layer_density[name])


def test_a_control_alone_trains_the_ancestors_it_needs_and_keeps_the_masks(store: Store, begun: list[Run]) -> None:
    runs = chain(levels=2)
    run = reinitialised(runs[2])
    result = trained([run], store)[run]
    assert begun == [*runs[:2], run]
    assert result.masks is not None


def test_weights_are_made_again_where_scratch_is_gone(store: Store, begun: list[Run], tmp_path: Path) -> None:
    runs = chain()
    trained(runs[:1], store)
    before = {path.name: path.read_bytes() for path in store.folder(runs[0]).iterdir()}
    shutil.rmtree(store.scratch)
    begun.clear()
    trained(runs, store)
    assert begun == [runs[1], runs[0]] or begun == runs
    assert {path.name: path.read_bytes() for path in store.folder(runs[0]).iterdir()} == before
    other = tiny.store(tmp_path / "other")
    trained(runs, other)
    assert all(tiny.same_result(run, store, other) for run in runs)


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


def test_a_violated_mask_stops_the_run_and_nothing_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain()
    trained(runs[:1], store)
    advance = Trainer.advance

    def spoil(trainer: Trainer, until: int) -> None:
        advance(trainer, until)
        trainer.state.params["fc1.weight"] += 1e-6

    monkeypatch.setattr(Trainer, "advance", spoil)
    with pytest.raises(RuntimeError, match="masked entries are not zero"):
        trained(runs, store)
    assert not store.has(runs[1])
    assert not (store.scratch / "checkpoints" / runs[1].digest).exists()


def test_a_diverged_parent_freezes_the_replicate_of_its_child(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain()
    whole = tiny.store(store.results.parent / "whole")
    trained(runs, whole)

    def poisoned(*arguments: object) -> tuple:
        params, statistics = as_ever(*arguments)
        params["fc2.weight"][1:2] = torch.inf  # a network that is tried alone has one row
        return params, statistics

    as_ever = recipe.initial
    with monkeypatch.context() as poison:
        poison.setattr(recipe, "initial", poisoned)
        trained(runs[:1], store)
    results = trained(runs, store)
    assert results[runs[0]].metrics["diverged_at"].tolist() == [-1, 0, -1]
    child, sound = results[runs[1]].metrics, whole.read(runs[1]).metrics
    assert child["diverged_at"].tolist() == [-1, 0, -1]
    for name in (*PER_SEGMENT, "density"):
        np.testing.assert_array_equal(child[name][:, [0, 2]], sound[name][:, [0, 2]])
    assert all(np.isnan(child[name][:, 1]).all() for name in PER_SEGMENT)
    assert np.isnan(child["final_test_accuracy"][1])
    assert store.verify() == [], "NaN is allowed there"


def test_a_layer_with_nothing_left_is_named(store: Store) -> None:
    run = chain(rate=0.99)[1]
    result = trained([run], store)[run]
    assert result.empty_layers == tuple((seed, "out.weight") for seed in SEEDS)
    assert np.isfinite(result.metrics["valid_loss"]).all(), "a result, not an error"
    assert store.verify() == []


def test_a_run_of_no_steps_is_its_beginning(store: Store) -> None:
    run = Run(setting(), until=0, seeds=SEEDS)
    result = trained([run], store)[run]
    assert result.metrics["step"].tolist() == [0]
    kept = store.read_weights(run.digest) or {}
    weights = {name: value for name, value in kept.items() if not name.startswith("metrics/")}
    params, _ = tiny.weights_of(setting())
    assert tiny.same_tree(weights, {f"params/{name}": value for name, value in params.items()})


def test_a_result_that_is_not_whole_is_an_error_and_not_left_out(store: Store) -> None:
    run = chain()[0]
    trained([run], store)
    (store.folder(run) / "SHA256SUMS.json").unlink()
    with pytest.raises(StoreError, match="remove the folder"):
        trained([run], store)


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


def test_masks_too_large_to_store_are_made_again(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = chain(levels=2)
    runs.append(shuffled(runs[2]))
    whole = tiny.store(tmp_path / "whole")
    trained(runs, whole)
    monkeypatch.setattr(ending, "MASK_BYTES", 0)
    trained(runs, store)
    assert all(store.read(run).masks is None for run in runs)
    assert all(tiny.same_metrics(store.read(run), whole.read(run)) for run in runs)


def test_a_loss_that_ceases_to_be_finite_with_the_last_step_is_recorded(store: Store) -> None:
    run = Run(setting(tiny.SGDM, rate=Rate(1e38), steps=1), seeds=SEEDS)
    metrics = trained([run], store)[run].metrics
    assert metrics["diverged_at"].tolist() == [1, 1, 1]
    assert np.isnan(metrics["final_test_accuracy"]).all()
    assert np.isfinite(metrics["best_test_accuracy"]).all(), "before that it was well"
    child = Run(setting(), Ticket(Pruned(run, Pruner(), 0.5)), seeds=SEEDS)
    metrics = trained([child], store)[child].metrics
    assert metrics["diverged_at"].tolist() == [0, 0, 0]
    assert np.isnan(metrics["best_test_accuracy"]).all(), "it never had a loss"
    assert store.verify() == [], "NaN is allowed there"
