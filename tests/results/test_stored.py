"""What is stored is runs again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import tiny
import torch
from kept import metrics
from tiny import SEEDS

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp, lenet, reinitialised, shuffled
from lth_lib.pruning.criteria import Criterion, Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.replicates import Tree
from lth_lib.results.store import Store
from lth_lib.results.stored import stored
from lth_lib.spec import json_digest

SETTING = lenet("quick")  # of the library's classes alone
CHAIN = imp(SETTING, Pruner(), Geometric(0.2, 3), rewind=20, seeds=SEEDS)
DENSE, TICKET = imp(SETTING, Pruner(), Geometric(0.5, 1), seeds=SEEDS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


def fill(store: Store, *runs: Run) -> None:
    for run in runs:
        store.write(run, metrics(), None, {})


def test_every_run_is_read_again_whoever_it_was_made_from(store: Store) -> None:
    beginning = Run(SETTING, until=20, seeds=SEEDS)
    runs = [*CHAIN, beginning, shuffled(CHAIN[3]), reinitialised(CHAIN[1])]
    fill(store, *runs)
    found, unread = stored(store, {})
    assert {run.digest for run in runs} == found.keys()
    assert all(found[run.digest] == run for run in runs)
    assert unread == []


def test_what_is_known_is_not_read(store: Store) -> None:
    fill(store, TICKET)
    found, unread = stored(store, {DENSE.digest: DENSE, TICKET.digest: TICKET})
    assert found == {TICKET.digest: TICKET}
    assert found[TICKET.digest] is TICKET
    assert unread == []


def test_a_run_whose_parent_is_not_there_is_not_read(store: Store) -> None:
    fill(store, TICKET)
    assert stored(store, {}) == ({}, [TICKET.digest])
    assert stored(store, {DENSE.digest: DENSE}) == ({TICKET.digest: TICKET}, [])


@dataclass(frozen=True)
class Mine(Criterion):
    """Scores by a number, as someone's own criterion may."""

    number: float = 0.5

    def score(self, subject: Subject) -> Tree:
        return {name: torch.full_like(value, self.number) for name, value in subject.weights.items()}


OWN = imp(SETTING, Pruner(Mine()), Geometric(0.2, 2), seeds=SEEDS)


def test_a_class_from_outside_is_read_where_it_is_there(store: Store) -> None:
    fill(store, *OWN)
    found, unread = stored(store, {})
    assert {run.digest for run in OWN} == found.keys()
    assert unread == []


def test_a_class_from_outside_that_is_another_now_is_not_guessed(store: Store) -> None:
    fill(store, *OWN[:2])
    folder = store.folder(OWN[1])
    edited = (folder / "spec.json").read_text().replace("torch.full_like", "torch.ones_like")
    digest = json_digest(json.loads(edited))
    (folder / "spec.json").write_text(edited)
    folder.rename(folder.with_name(digest))
    assert stored(store, {}) == ({OWN[0].digest: OWN[0]}, [digest])


def test_of_several_classes_of_one_name_that_of_the_text_is_read(store: Store) -> None:
    @dataclass(frozen=True)
    class Mine(Criterion):
        def score(self, subject: Subject) -> Tree:
            return {name: torch.zeros_like(value) for name, value in subject.weights.items()}

    other = imp(SETTING, Pruner(Mine()), Geometric(0.2, 2), seeds=SEEDS)[1]
    fill(store, *OWN, other)
    found, unread = stored(store, {})
    assert (found[other.digest], found[OWN[1].digest]) == (other, OWN[1])
    assert unread == []


@pytest.mark.parametrize(
    "text", ["", "[]", "7", '{"class": "Run"}', '{"class": "MNIST", "version": 1}', '{"class": [], "digest": {}}']
)
def test_a_spec_that_is_none_is_not_read(text: str, store: Store) -> None:
    fill(store, DENSE)
    (store.folder(DENSE) / "spec.json").write_text(text)
    assert stored(store, {}) == ({}, [DENSE.digest])


def test_a_spec_of_another_digest_is_not_read(store: Store) -> None:
    fill(store, DENSE)
    other = json.loads((store.folder(DENSE) / "spec.json").read_text()) | {"order": "other"}
    (store.folder(DENSE) / "spec.json").write_text(json.dumps(other))
    assert stored(store, {})[1] == [DENSE.digest]
    assert replace(DENSE, order="other").digest not in stored(store, {})[0]
