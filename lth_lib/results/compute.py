"""Make these runs exist, and take these measurements."""

from __future__ import annotations

from collections.abc import Iterable

from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Run
from lth_lib.results import beforehand
from lth_lib.results.at_hand import with_paths
from lth_lib.results.deadline import Deadline
from lth_lib.results.engine import HOW, Engine, Executor, Local, Missing
from lth_lib.results.plan import plan
from lth_lib.results.store import Result, Results, Store
from lth_lib.spec import require, shown
from lth_lib.training.machine import check_device


def compute(
    wanted: Iterable[Run | Measurement],
    store: Store,
    *,
    train: bool = False,
    partial: bool = False,
    device: str = "cpu",
    checkpoint_every: float = 60.0,
    progress: bool = True,
    executor: Executor | None = None,
    deadline: Deadline | None = None,
    paths: bool = False,
) -> Results:
    """Return the results of runs and the answers of measurements, training what is missing, parents first.

    Without leave to train a missing run raises `Missing`, or is left out if `partial`; a measurement is then taken
    of what is stored, but not stored. A run that is stopped is resumed from its newest checkpoint, written at most
    every `checkpoint_every` seconds. They are trained here, one after the other, or by an `executor`; at a `deadline`,
    where there is one, a training writes a checkpoint and `Stopped` is raised. With `paths` results know which of their
    weights are on some path through the network, where masks or answers are stored.
    """
    asked, executor = _specs(wanted), executor or Local()
    _check_how(store, executor, deadline, checkpoint_every)
    check_device(device, here=executor.here)
    questions = [spec for spec in asked.values() if isinstance(spec, Measurement)]
    runs = {spec.digest: spec for spec in asked.values() if isinstance(spec, Run)}
    todo = [run for run in runs.values() if not store.has(run)]
    if todo and not train and not partial:
        raise Missing(
            f"{len(todo)} of {len(runs)} runs are not stored in {store.results} and this may not train; {HOW}."
        )
    if train and not all(store.has(spec) for spec in asked.values()):
        beforehand.check(asked.values(), store, device)
    engine = Engine(store, device, checkpoint_every, progress, train=train, executor=executor, deadline=deadline)
    with engine.progress.of(todo if train else []):
        if train:
            _tidy(runs.values(), store)
        if train and todo:
            executor.finish([step.run for step in plan(todo, store)], engine)
        answers = {question.digest: engine.answer(question, partial) for question in questions}
    found = _found(runs.values(), store, paths)
    return Results(found, {digest: answer for digest, answer in answers.items() if answer is not None})


def _check_how(store: object, executor: object, deadline: object, checkpoint_every: object) -> None:
    """Raise `SpecError` unless it is known where to keep results, where and how long to train, how often to write."""
    require(
        isinstance(store, Store),
        f"store was {shown(store)}; it is a Store of two places, such as Store('results', 'scratch').",
    )
    require(
        isinstance(executor, Executor),
        f"executor was {shown(executor)}; it is Local() or, of lth_lib.results.cluster, OnRay(address).",
    )
    require(
        deadline is None or isinstance(deadline, Deadline), f"deadline was {shown(deadline)}; it is Deadline(minutes)."
    )
    seconds = isinstance(checkpoint_every, int | float) and checkpoint_every >= 0
    require(seconds, f"checkpoint_every was {shown(checkpoint_every)}; it is a number of seconds, 0 or more.")


def _found(runs: Iterable[Run], store: Store, paths: bool) -> dict[str, Result]:
    """Return what is stored of some runs, by digest, with what is on paths where that is asked."""
    results = Results({run.digest: store.read(run) for run in runs if store.has(run)})
    return {run.digest: result for run, result in (with_paths(results, store) if paths else results).items()}


def _tidy(runs: Iterable[Run], store: Store) -> None:
    """Remove what a process that was killed has left of runs that are finished."""
    for run in runs:
        if store.has(run) and store.has_weights(run.digest):
            store.drop_checkpoints(run.digest)


def _specs(wanted: Iterable[Run | Measurement]) -> dict[str, Run | Measurement]:
    """Return what is wanted, by digest; raises `SpecError` for what is neither a run nor a measurement."""
    ask = "give runs and measurements, as in compute([*study.runs, *study.questions], store)."
    require(isinstance(wanted, Iterable), f"compute was given a {type(wanted).__name__}; {ask}")
    specs = [*wanted]
    strange = sorted({type(spec).__name__ for spec in specs if not isinstance(spec, Run | Measurement)})
    require(not strange, f"compute was given {', '.join(strange)} among what is wanted; {ask}")
    return {spec.digest: spec for spec in specs}
