"""A child says from which weights it descends: those of the stored result, or others, and how far they are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import imp
from lth_lib.experiments.weights import Final
from lth_lib.models import LeNet
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.pruning.scope import Global, Layerwise
from lth_lib.results import compute, engine
from lth_lib.results.store import Store
from lth_lib.spec import Spec, SpecError, canonical, read

CHAIN = imp(setting(), Pruner(), Geometric(0.5, 2), seeds=SEEDS)
DENSE, TICKET = CHAIN[:2]
OTHER = imp(setting(), Pruner(scope=Global()), Geometric(0.5, 1), seeds=SEEDS)[1]
REWOUND = Run(setting(), Ticket(weights=Final(DENSE)), order="again", seeds=SEEDS)


def trained(runs: list[Run], store: Store) -> None:
    compute.compute(runs, store, train=True, checkpoint_every=0, progress=False)


def parents(run: Run, store: Store) -> Any:
    return store.read(run).provenance.get("parents")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store of a chain whose weights are gone."""
    held = tiny.store(tmp_path)
    trained(CHAIN, held)
    shutil.rmtree(held.scratch)
    return held


def put(weights_of: Run, store: Store, tmp_path: Path) -> None:
    """Let the dense network's weights be those of another training."""
    elsewhere = tiny.store(tmp_path / "elsewhere")
    trained([weights_of], elsewhere)
    tensors = elsewhere.read_weights(weights_of.digest)
    assert tensors is not None
    store.write_weights(DENSE.digest, tensors)


def test_a_chain_trained_in_one_go_descends_from_its_stored_results(tmp_path: Path) -> None:
    store = tiny.store(tmp_path)
    trained(CHAIN, store)
    assert [parents(run, store) for run in CHAIN] == [None, {DENSE.digest: "equal"}, {TICKET.digest: "equal"}]


def test_a_parent_made_again_to_the_same_bits_is_recorded_as_equal(store: Store) -> None:
    trained([OTHER, REWOUND], store)
    assert parents(OTHER, store) == parents(REWOUND, store) == {DENSE.digest: "equal"}


def test_masks_that_are_stored_descend_from_no_weights_made_again(store: Store) -> None:
    control = Run(setting(), Ticket(TICKET.ticket.masks), order="again", seeds=SEEDS)
    trained([control], store)
    assert parents(control, store) is None
    assert not store.has_weights(DENSE.digest)


def test_a_parent_made_again_by_another_kernel_is_named_with_its_difference(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in store.folder(DENSE).iterdir()}
    tiny.use_kernel("lifted", monkeypatch)
    trained([OTHER], store)
    (digest, found), *others = parents(OTHER, store).items()
    assert digest == DENSE.digest
    assert not others
    assert found["mask_places"].keys() == {TICKET.digest}
    assert len(found["mask_places"][TICKET.digest]) == len(SEEDS)
    assert {path.name: path.read_bytes() for path in store.folder(DENSE).iterdir()} == before, "the result stays"


def test_the_difference_is_that_of_the_two_trainings(store: Store, tmp_path: Path) -> None:
    stranger = Run(setting(), order="stranger", seeds=SEEDS)
    put(stranger, store, tmp_path)
    trained([OTHER, REWOUND], store)
    found = parents(OTHER, store)[DENSE.digest]
    assert found == parents(REWOUND, store)[DENSE.digest] | {"mask_places": found["mask_places"]}
    one, other = store.read(DENSE).metrics, tiny.store(tmp_path / "elsewhere").read(stranger).metrics
    change = 100 * (other["final_test_accuracy"].astype(float) - one["final_test_accuracy"])
    assert found["points_at_the_last_step"] == pytest.approx(change.tolist())
    assert found["steps_of_early_stop"] == (other["best_step"] - one["best_step"]).tolist()
    masks = store.read(TICKET).masks
    theirs = TICKET.ticket.masks.make(TICKET, engine.Engine(store, "cpu", 60, False, train=False))
    assert masks is not None
    places = sum((masks[name] != theirs[name]).flatten(1).sum(1) for name in masks)
    assert found["mask_places"][TICKET.digest] == places.tolist()  # type: ignore[union-attr]
    assert max(found["mask_places"][TICKET.digest]) > 0


def test_masks_of_a_density_are_compared_too(store: Store, tmp_path: Path) -> None:
    sparse = Run(setting(), Ticket(Pruned(DENSE, Pruner(), density=0.25, rounds=3)), seeds=SEEDS)
    trained([sparse], store)
    put(Run(setting(), order="stranger", seeds=SEEDS), store, tmp_path)
    trained([OTHER], store)
    assert parents(OTHER, store)[DENSE.digest]["mask_places"].keys() == {TICKET.digest, sparse.digest}


def test_two_children_of_one_go_descend_from_the_same_training(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel("lifted", monkeypatch)
    begun: list[Run] = []
    begin = engine.Engine._begin
    monkeypatch.setattr(engine.Engine, "_begin", lambda self, run: (begun.append(run), begin(self, run))[1])
    trained([REWOUND, OTHER], store)
    assert begun.count(DENSE) == 1
    one, other = (parents(run, store)[DENSE.digest] for run in (REWOUND, OTHER))
    assert one["points_at_early_stop"] == other["points_at_early_stop"]


def test_weights_that_say_nothing_of_their_training_are_unknown(store: Store, tmp_path: Path) -> None:
    trained([DENSE], tiny.store(tmp_path / "elsewhere"))
    tensors = tiny.store(tmp_path / "elsewhere").read_weights(DENSE.digest) or {}
    store.write_weights(DENSE.digest, {name: value for name, value in tensors.items() if "metrics/" not in name})
    trained([REWOUND], store)
    assert parents(REWOUND, store) == {DENSE.digest: "unknown"}


def test_a_child_that_is_resumed_descends_from_what_it_began_with(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(Run(setting(), order="stranger", seeds=SEEDS), store, tmp_path)
    advance = engine.Trainer.advance

    def stop_at_20(trainer: engine.Trainer, until: int) -> None:
        if trainer.state.step == 20:
            raise KeyboardInterrupt
        advance(trainer, until)

    with monkeypatch.context() as patched:
        patched.setattr(engine.Trainer, "advance", stop_at_20)
        with pytest.raises(KeyboardInterrupt):
            trained([REWOUND], store)
    shutil.rmtree(store.scratch / "weights")
    trained([REWOUND], store)
    assert parents(REWOUND, store)[DENSE.digest]["points_at_early_stop"], "not those that were made again meanwhile"


@pytest.mark.parametrize(
    "spec", [Pruner(), Pruner(Random("a"), scope=Global("fc")), Layerwise((("out", 0.5),)), LeNet((8, 7)), setting()]
)
def test_what_is_read_is_what_was_written(spec: Spec) -> None:
    if spec == setting():
        with pytest.raises(LookupError):
            read(canonical(spec))  # its data set is a test's, no class of the library
    else:
        assert read(canonical(spec)) == spec


@pytest.mark.parametrize(
    "data", [{"class": "Nobody"}, {"class": "Pruner", "no": 1}, {"class": "Random", "salt": 1}, {}]
)
def test_what_was_not_written_by_a_spec_is_none(data: Any) -> None:
    with pytest.raises((LookupError, TypeError, SpecError)):
        read(data)
