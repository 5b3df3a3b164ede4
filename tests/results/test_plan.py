"""A plan trains what is missing once, in the order of training here, and stores the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.experiments.weights import Final
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import ending, engine
from lth_lib.results.compute import compute
from lth_lib.results.plan import Step, plan
from lth_lib.results.store import Store

CHAIN = imp(setting(), Pruner(), Geometric(0.5, 3), seeds=SEEDS)
REWOUND = imp(setting(), Pruner(), Geometric(0.5, 2), rewind=10, seeds=SEEDS)
FINE_TUNED = Run(setting(steps=20), Ticket(CHAIN[2].ticket.masks, Final(CHAIN[1])), seeds=SEEDS)
AGAIN, MIXED = reinitialised(CHAIN[2]), shuffled(CHAIN[2])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


def waits(steps: list[Step]) -> dict[Run, tuple[Run, ...]]:
    return {step.run: step.after for step in steps}


def test_a_chain_is_trained_from_its_beginning(store: Store) -> None:
    dense, first, second, _ = CHAIN
    assert waits(plan([second], store)) == {dense: (), first: (dense,), second: (first,)}


def test_controls_wait_for_what_stores_their_masks_and_not_for_each_other(store: Store) -> None:
    steps = waits(plan([*CHAIN, AGAIN, MIXED, reinitialised(CHAIN[2], "reinit-2")], store))
    assert list(steps)[:4] == CHAIN
    for control in list(steps)[4:]:
        assert set(steps[control]) == {CHAIN[1], CHAIN[2]}
    assert steps[CHAIN[3]] == (CHAIN[2],), "the next level is trained beside them"


def test_a_control_alone_waits_for_its_ancestors_only(store: Store) -> None:
    assert waits(plan([AGAIN], store)) == {CHAIN[0]: (), CHAIN[1]: (CHAIN[0],), AGAIN: (CHAIN[1],)}


def test_what_is_stored_is_not_planned(store: Store) -> None:
    compute(CHAIN[:3], store, train=True, progress=False)
    assert waits(plan([CHAIN[3], AGAIN], store)) == {CHAIN[3]: (), AGAIN: ()}
    shutil.rmtree(store.scratch)
    assert waits(plan([AGAIN, MIXED], store)) == {AGAIN: (), MIXED: ()}, "stored masks need no ancestors"
    assert waits(plan([CHAIN[3]], store)) == {CHAIN[2]: (), CHAIN[3]: (CHAIN[2],)}, "its weights are gone"


STUDIES = {
    "a chain and its controls": [*CHAIN, AGAIN, MIXED],
    "controls before their tickets": [MIXED, AGAIN, reinitialised(CHAIN[2], "reinit-2"), *CHAIN],
    "a rewound chain": [*REWOUND, shuffled(REWOUND[2])],
    "fine-tuning": [FINE_TUNED, CHAIN[0]],
    "the last only": [CHAIN[3]],
}


@pytest.mark.parametrize("gone", ["nothing stored", "a beginning stored", "its weights gone"])
@pytest.mark.parametrize("large", [False, True], ids=["masks stored", "masks too large"])
@pytest.mark.parametrize("name", STUDIES)
def test_it_plans_what_an_engine_here_trains_in_the_same_order(
    name: str, large: bool, gone: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(ending, "MASK_BYTES", 0)
    if gone != "nothing stored":
        compute([CHAIN[1], REWOUND[1]], store, train=True, progress=False)
    if gone == "its weights gone":
        shutil.rmtree(store.scratch)
    todo = [run for run in STUDIES[name] if not store.has(run)]
    steps = plan(todo, store)
    trained: list[Run] = []
    train_here = engine.Engine.train_here

    def noted(maker: engine.Engine, run: Run) -> None:
        train_here(maker, run)
        trained.append(run)

    monkeypatch.setattr(engine.Engine, "train_here", noted)
    for step in steps:
        assert all(run in trained for run in step.after), "it waits for earlier steps only"
        before = len(trained)
        told = tiny.store(store.results.parent)  # a worker knows of the masks only what it is told
        told.tell(step.holders)
        with monkeypatch.context() as unread:
            unread.setattr(Store, "holders", lambda store: pytest.fail("it read every result"))
            engine.Engine(told, "cpu", 60, progress=False).finish(step.run)
        assert trained[before:] == [step.run], "a step trains its own run and no other"
    other = tiny.store(store.results / "here")
    if gone == "nothing stored":
        compute(todo, other, train=True, progress=False)
        assert trained[len(steps) :] == [step.run for step in steps]
        assert files(store) == files(other)


def files(store: Store) -> set[str]:
    """Return the names of what is stored of runs."""
    return {str(path.relative_to(store.results)) for path in (store.results / "runs").rglob("*")}
