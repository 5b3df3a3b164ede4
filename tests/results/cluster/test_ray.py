"""On a Ray cluster of two workers a study has the same digests and bits, and a worker's death loses nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest
import ray
import tiny
import watched
from tiny import SEEDS

from lth_lib.experiments.measure import InitialValues
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import cluster
from lth_lib.results.cluster import ClusterError, OnRay
from lth_lib.results.compute import Results, compute
from lth_lib.results.engine import Local
from lth_lib.results.plan import plan
from lth_lib.results.store import Store
from lth_lib.training.recipe import LearningRate, Setting
from lth_lib.workshop import chapters

pytestmark = pytest.mark.xdist_group("ray")


def on_ray(runs: list[Run], store: Store, address: str) -> Results:
    return compute(runs, store, train=True, checkpoint_every=0, progress=False, executor=OnRay(address))


def here(runs: list[Run], store: Store) -> Results:
    return compute(runs, store, train=True, checkpoint_every=0, progress=False)


def study(given: Setting) -> list[Run]:
    """Return two levels of tickets, and controls of the last."""
    runs = imp(given, Pruner(), Geometric(0.5, 2), seeds=SEEDS)
    return [*runs, reinitialised(runs[2]), shuffled(runs[2])]


def files(store: Store) -> set[str]:
    return {str(path.relative_to(store.results)) for path in store.results.rglob("*")}


def test_two_studies_at_once_have_the_digests_files_and_bits_they_have_here(
    address: str, notes: Path, tmp_path: Path
) -> None:
    # Each waits in its first step until the other has begun, so that this ends only if both are trained at once.
    runs = [run for name in "ab" for run in study(watched.setting(notes, name, meets=2))]
    one, other = tiny.store(tmp_path / "ray"), tiny.store(tmp_path / "here")
    results = on_ray(runs, one, address)
    taken = {name: watched.steps(notes, name) for name in "ab"}
    assert os.getpid() not in {process for steps in taken.values() for process in steps}
    here(runs, other)
    assert list(results) == runs
    assert all(tiny.same_result(run, one, other) for run in runs)
    assert files(one) == files(other)
    assert one.verify() == []
    assert not any((one.scratch / "checkpoints").iterdir()), "those of finished runs are dropped"
    for steps in taken.values():
        every = sorted(step for part in steps.values() for step in part)
        assert every == sorted(list(range(watched.STEPS)) * 5), "each run was trained once"


def test_a_step_of_a_chain_of_many_levels_is_sent(tmp_path: Path) -> None:
    runs = imp(tiny.setting(), Pruner(), Geometric(0.01, 200), seeds=(0,))
    step = plan(runs, tiny.store(tmp_path))[-1]
    sent = ray.cloudpickle.loads(ray.cloudpickle.dumps(step))
    assert sent == step
    assert len([*sent.run.ancestors()]) == 200


def test_children_wait_for_their_parents(address: str, notes: Path, tmp_path: Path) -> None:
    chain = study(watched.setting(notes))[:3]
    on_ray([chain[2]], tiny.store(tmp_path), address)
    noted = [int(line.split()[1]) for line in (notes / "a.steps").read_text().splitlines()]
    assert noted == list(range(watched.STEPS)) * 3


def test_a_worker_killed_in_mid_run_loses_nothing(address: str, notes: Path, tmp_path: Path) -> None:
    runs = study(watched.setting(notes, killed_at=25))[:2]
    one, other = tiny.store(tmp_path / "ray"), tiny.store(tmp_path / "here")
    on_ray(runs, one, address)
    first, *later = watched.steps(notes).values()
    assert (notes / "killed").exists()
    assert first == list(range(26)), "it was killed in the middle of a segment"
    assert later[0][0] == 20, "and resumed from the checkpoint before"
    assert [step for part in later for step in part] == [*range(20, 40), *range(40)]
    here(runs, other)
    assert all(tiny.same_result(run, one, other) for run in runs)
    assert one.verify() == []


def test_it_resumes_where_the_shared_store_is_no_folder(address: str, notes: Path, tmp_path: Path) -> None:
    runs = study(watched.setting(notes, killed_at=15))
    one, other = Store(f"bucket://{tmp_path}/results", f"bucket://{tmp_path}/scratch"), tiny.store(tmp_path / "here")
    assert not isinstance(one.results, Path)
    on_ray(runs, one, address)
    first, later, *_ = watched.steps(notes).values()
    assert (first[-1], later[0]) == (15, 10)
    here(runs, other)
    assert all(tiny.same_result(run, one, other) for run in runs)
    assert one.verify() == []


def test_a_worker_that_dies_again_and_again_is_given_up_in_one_sentence(
    address: str, notes: Path, tmp_path: Path
) -> None:
    run = Run(watched.setting(notes, killed_at=25), seeds=SEEDS)
    store = tiny.store(tmp_path)
    with pytest.raises(ClusterError, match=f"Ray gave run {run.digest[:12]} up") as refused:
        compute([run], store, train=True, checkpoint_every=0, progress=False, executor=OnRay(address, retries=0))
    assert "\n" not in str(refused.value)
    assert not store.has(run)
    here([run], store)
    assert list(watched.steps(notes).values()) == [list(range(26)), list(range(20, 40))], "its checkpoint was kept"


def test_what_a_task_raises_is_raised_here(address: str, notes: Path, tmp_path: Path) -> None:
    runs = study(watched.setting(notes, fails_at=12))
    store = tiny.store(tmp_path)
    with pytest.raises(ArithmeticError, match="step 12 was meant to fail"):
        on_ray(runs, store, address)
    assert [list(steps) for steps in watched.steps(notes).values()] == [list(range(13))], "its children did not begin"
    assert not any(store.has(run) for run in runs)


@dataclass(frozen=True)
class OnlyHere(LearningRate):
    """A constant rate, of a module that no worker has."""

    base: float

    def at(self, step: int) -> float:
        return self.base


def test_a_worker_without_what_is_needed_is_named(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnlyHere, "__module__", "elsewhere")
    elsewhere = ModuleType("elsewhere")
    elsewhere.OnlyHere = OnlyHere  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "elsewhere", elsewhere)
    base = tiny.setting()
    run = Run(replace(base, recipe=replace(base.recipe, rate=OnlyHere(1e-2))), seeds=SEEDS)
    with pytest.raises(ClusterError, match="No module named 'elsewhere'") as refused:
        on_ray([run], tiny.store(tmp_path), address)
    assert "\n" not in str(refused.value)


def test_measurements_are_taken_here_of_what_was_trained_there(address: str, notes: Path, tmp_path: Path) -> None:
    run = study(watched.setting(notes))[1]
    question = InitialValues(run)
    store = tiny.store(tmp_path)
    answer = compute([question], store, train=True, progress=False, executor=OnRay(address)).answer(question)
    assert answer is not None
    assert store.has(question)
    assert os.getpid() not in watched.steps(notes)


PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
import sys
from pathlib import Path
import tiny, watched
from lth_lib.results.cluster import OnRay
from lth_lib.results.compute import compute
from lth_lib.experiments.run import Run
run = Run(watched.setting(Path(sys.argv[1]), seconds=float(sys.argv[4])), seeds=tiny.SEEDS)
store, how = tiny.store(Path(sys.argv[2])), OnRay(sys.argv[3])
compute([run], store, train=True, checkpoint_every=0, progress=False, executor=how)
"""


def test_the_keyboard_stops_the_tasks_and_keeps_their_checkpoints(address: str, notes: Path, tmp_path: Path) -> None:
    process = tiny.python(PROGRAM, str(notes), str(tmp_path), address, "0.5")
    until = time.monotonic() + 180
    while not (notes / "a.steps").exists() or len((notes / "a.steps").read_text().splitlines()) < 12:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode != 0
    assert "give the same command again" in said
    taken = (notes / "a.steps").read_text()
    time.sleep(1)
    assert (notes / "a.steps").read_text() == taken, "nothing is trained any more"
    run = Run(watched.setting(notes, seconds=0.5), seeds=SEEDS)
    assert any((tiny.store(tmp_path).checkpoints(run.digest)).iterdir())


def test_a_chapter_and_the_shell_know_ray(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    assert chapters.executor_named("ray") == OnRay(address)
    monkeypatch.setenv("LTH_STORE", str(tmp_path))
    begun = chapters.begin({"scale": "quick", "device": "cpu", "train": False, "executor": "ray"})
    run = Run(tiny.setting(), seeds=SEEDS)
    assert list(begun([run])) == [run]
    monkeypatch.delenv("RAY_ADDRESS")
    assert chapters.executor_named("ray") == OnRay("local")
    assert chapters.executor_named("local") == Local()


def test_a_task_that_no_machine_can_take_is_warned_of(address: str) -> None:
    with pytest.warns(UserWarning, match=r"3 cores and 0 GPUs.*OMP_NUM_THREADS"):
        cluster._warn_unless_it_fits(ray, cores=3, gpus=0)
    with pytest.warns(UserWarning, match="1 cores and 1 GPUs"):
        cluster._warn_unless_it_fits(ray, cores=1, gpus=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cluster._warn_unless_it_fits(ray, cores=2, gpus=0)
