"""Make these runs exist, and take these measurements."""

from __future__ import annotations

from collections.abc import Iterable

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Run
from lth_lib.results.deadline import Deadline
from lth_lib.results.engine import HOW, Engine, Executor, Missing
from lth_lib.results.plan import plan
from lth_lib.results.store import Results, Store
from lth_lib.spec import within


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
) -> Results:
    """Return the results of runs and the answers of measurements, training what is missing, parents first.

    Without leave to train a missing run raises `Missing`, or is left out if `partial`; a measurement is then taken
    of what is stored, but not stored. A run that is stopped is resumed from its newest checkpoint, written at most
    every `checkpoint_every` seconds. They are trained here, one after the other, or by an `executor`; at a `deadline`,
    where there is one, a training writes a checkpoint and `Stopped` is raised.
    """
    asked = {spec.digest: spec for spec in wanted}
    questions = [spec for spec in asked.values() if isinstance(spec, Measurement)]
    runs = {spec.digest: spec for spec in asked.values() if isinstance(spec, Run)}
    todo = [run for run in runs.values() if not store.has(run)]
    if todo and not train and not partial:
        raise Missing(
            f"{len(todo)} of {len(runs)} runs are not stored in {store.results} and this may not train; {HOW}."
        )
    if train:
        _check_examples(todo)
    if train and (todo or not all(store.has(question) for question in questions)):
        store.check_writable()
    engine = Engine(store, device, checkpoint_every, progress, train=train, executor=executor, deadline=deadline)
    with engine.progress.of(todo if train else []):
        if train:
            for run in runs.values():
                # A process that was killed may have left what a finished run needs no more.
                if store.has(run) and store.has_weights(run.digest):
                    store.drop_checkpoints(run.digest)
        if train and todo:
            engine.executor.finish([step.run for step in plan(todo, store)], engine)
        answers = {question.digest: engine.answer(question, partial) for question in questions}
    found = {digest: store.read(run) for digest, run in runs.items() if store.has(run)}
    return Results(found, {digest: answer for digest, answer in answers.items() if answer is not None})


def _check_examples(runs: Iterable[Run]) -> None:
    """Raise `SpecError` if a criterion asks for more examples than there are, before anything trains.

    Where that is known without loading the data it is refused when the run is written down.
    """
    every = {one.digest: one for run in runs for one in (*run.ancestors(), run)}
    for run in every.values():
        for masks in within(run.ticket, Pruned):
            data = masks.run.setting.data
            if masks.asks and data.trained is None:
                masks.check_examples(len(data.load().train.y))
