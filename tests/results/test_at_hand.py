"""What is on paths is known of what is stored, without training and without masks that take time to make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.experiments.masks import Kept
from lth_lib.experiments.measure import Connected, connected
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.models import LeNet
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import at_hand
from lth_lib.results.at_hand import with_paths
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.results.store import Results, Store

RUNS = imp(setting(steps=20), Pruner(), Geometric(0.9, 2), seeds=SEEDS)
CONTROLS = [reinitialised(RUNS[2]), shuffled(RUNS[2])]
GRADUAL = replace(setting(), recipe=replace(setting().recipe, dynamics=Gradual(every=4, until=20, density=0.02)))
THINNED = Run(GRADUAL, seeds=SEEDS)
LEFT = Run(setting(), Ticket(Kept(THINNED)), seeds=SEEDS)
ALL = [*RUNS, *CONTROLS, THINNED, LEFT]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = tiny.store(tmp_path_factory.mktemp("at_hand"))
    compute(ALL, store, train=True, progress=False)
    return store


def found(store: Store) -> Results:
    return with_paths(Results({run.digest: store.read(run) for run in ALL}), store)


def test_it_is_what_the_masks_at_the_end_say(store: Store) -> None:
    results, engine = found(store), Engine(store, "cpu", 60, False, train=False)
    for run in (*RUNS, CONTROLS[0], THINNED, LEFT):
        wanted = connected(run.layers, engine.end_masks(run))
        assert results[run].paths.keys() == wanted.keys()
        for name, value in wanted.items():
            np.testing.assert_allclose(results[run].paths[name], value)
    assert (results[RUNS[2]].paths["effective_density"] < results[RUNS[2]].metrics["density"][-1]).all()


def test_of_masks_that_are_not_stored_the_answer_is_read_where_there_is_one(store: Store, tmp_path: Path) -> None:
    assert not found(store)[CONTROLS[1]].paths
    assert np.isnan(found(store)[CONTROLS[1]].facts["effective_density"]).all()
    answer = compute([Connected(CONTROLS[1])], store, train=True, progress=False).answer(Connected(CONTROLS[1]))
    assert answer is not None
    known = found(store)[CONTROLS[1]]
    np.testing.assert_array_equal(known.facts["effective_density"], answer["effective_density"])
    mine = Engine(store, "cpu", 60, False, train=False).end_masks(CONTROLS[1])
    np.testing.assert_array_equal(
        known.paths["dead_units"], connected(LeNet((16, 8)).layers((1, 8, 8), 4), mine)["dead_units"]
    )
    assert store.verify() == []


def test_the_same_masks_are_looked_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr(at_hand, "connected", lambda layers, masks: looked.append(1) or {})
    found(store)
    assert len(looked) == 3, "of two tickets and of what thinned itself; the dense network keeps every weight"


def test_compute_says_it_where_it_is_asked_to(store: Store) -> None:
    asked, plain = (compute(RUNS, store, progress=False, paths=paths) for paths in (True, False))
    assert len(asked[RUNS[2]].paths) == 4 + 3, "what Connected finds, and what each of three layers has left"
    assert asked[RUNS[2]].paths.keys() == found(store)[RUNS[2]].paths.keys()
    assert plain[RUNS[2]].paths is None
