"""What is stored of classes that the library knows is what those classes say, though its hashes fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from kept import change, metrics, put, rehash
from tiny import ABOUT, SEEDS

from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import Barrier, InitialValues, InputConnections, Measurement
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import imp, lenet, reinitialised, shuffled
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import provenance
from lth_lib.results import store as rules
from lth_lib.results.store import Place, Store
from lth_lib.results.store.check import MADE
from lth_lib.results.store.files import to_npz

SETTING = replace(lenet("quick"), model=LeNet((4,)))
DENSE, TICKET = imp(SETTING, Pruner(), Geometric(0.5, 1), seeds=SEEDS)
CONTROLS = {"re-initialised": reinitialised(TICKET), "shuffled": shuffled(TICKET)}
UNITS = Run(SETTING, Ticket(Pruned(DENSE, Pruner(granularity=Unit()), 0.5)), seeds=SEEDS)
GRADUAL = Run(replace(SETTING, recipe=replace(SETTING.recipe, dynamics=Gradual(every=10, until=20))), seeds=SEEDS)


@pytest.fixture
def store(tmp_path: Any) -> Store:
    return tiny.store(tmp_path)


def masks_of(run: Run) -> Masks:
    """Return the masks of a run, as if chance had pruned it."""
    if run is UNITS:
        return Pruner(granularity=Unit()).prune(tiny.subject(SETTING), 0.5)
    return tiny.ones(SETTING) if run.ticket == Ticket() else tiny.random_masks(SETTING, 0.5)


def numbers(run: Run, masks: Masks) -> dict[str, np.ndarray]:
    """Return metrics of a run that has these masks, at the steps of its recipe."""
    recipe = run.setting.recipe
    steps = np.arange(0, recipe.steps + 1, recipe.segment)
    short = metrics(mask_rules.density(masks), mask_rules.layer_density(masks))
    return {n: np.resize(v, (len(steps), 3)) if v.ndim == 2 else v for n, v in short.items()} | {"step": steps}


def write(store: Store, run: Run, masks: Masks | None = None, end: Masks | None = None) -> Place:
    """Store a run, with masks where it holds its own; return its folder."""
    own = masks_of(run) if masks is None else masks
    held = run.ticket.masks.found and run not in CONTROLS.values()
    store.write(run, numbers(run, end or own), own if held else None, ABOUT, end)
    return store.folder(run)


def fault(store: Store, folder: Place) -> str:
    """Record the hashes of what is there now; return the one sentence that names what is wrong."""
    rehash(folder)
    (said,) = store.verify()
    assert str(folder) in said
    return said


def test_what_is_whole_passes(store: Store) -> None:
    for run in (DENSE, TICKET, UNITS, *CONTROLS.values()):
        write(store, run)
    write(store, GRADUAL, tiny.ones(SETTING), tiny.random_masks(SETTING, 0.9))
    assert store.verify() == []


def test_a_loss_below_zero_is_found(store: Store) -> None:
    folder = write(store, DENSE)
    change(folder, valid_loss=rules.read_npz(folder / "metrics.npz")["valid_loss"] - 5)
    assert "valid_loss goes down to -5; a loss is 0 or more" in fault(store, folder)


@pytest.mark.parametrize("layers", [{}, {"layer_density/fc1.weight": np.full(3, 0.3)}], ids=["whole", "a layer"])
def test_densities_of_a_dense_run_are_one(layers: dict[str, np.ndarray], store: Store) -> None:
    folder = write(store, DENSE)
    steps = len(rules.read_npz(folder / "metrics.npz")["step"])
    change(folder, **layers or {"density": np.full((steps, 3), 0.3)})
    assert "together, the metrics say" in fault(store, folder)


def test_a_dense_run_that_is_pruned_all_over_is_found(store: Store) -> None:
    folder = write(store, DENSE, tiny.random_masks(SETTING, 0.5))
    assert "a layer has a density below 1, though its masks keep every weight" in fault(store, folder)


@pytest.mark.parametrize("name", CONTROLS)
def test_densities_of_a_control_are_those_of_its_ticket_s_masks(name: str, store: Store) -> None:
    write(store, TICKET)
    folder = write(store, CONTROLS[name], tiny.random_masks(SETTING, 0.6))
    assert "the mask of fc1.weight has density" in fault(store, folder)


def test_a_control_whose_ticket_is_stored_elsewhere_passes(store: Store) -> None:
    write(store, CONTROLS["shuffled"])
    assert store.verify() == []


def without_masks(folder: Place) -> Place:
    """Remove the masks of a result, and record the hashes of what is left."""
    (folder / "masks.npz").unlink()
    rehash(folder)
    return folder


def test_masks_that_no_result_holds_are_missed(store: Store) -> None:
    folder = without_masks(write(store, TICKET))
    write(store, CONTROLS["shuffled"])  # made from masks alone, it never holds any
    assert "lacks masks.npz, and no other result here holds its masks" in fault(store, folder)


def test_masks_are_missed_of_a_control_alone_but_not_in_a_part_of_a_store(store: Store) -> None:
    folder = write(store, CONTROLS["re-initialised"])
    assert store.verify(part=True) == []
    assert "lacks masks.npz" in fault(store, folder)


def test_masks_that_a_control_holds_are_not_missed_of_its_ticket(store: Store) -> None:
    control = CONTROLS["re-initialised"]
    store.write(control, numbers(control, masks_of(control)), masks_of(control), ABOUT)
    without_masks(write(store, TICKET))
    assert store.verify() == []


def test_masks_too_large_to_be_stored_are_not_missed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    without_masks(write(store, TICKET))
    monkeypatch.setattr("lth_lib.results.store.check.masks.MASK_BYTES", 100)
    assert store.verify() == []


BIASES: dict[str, tuple[Callable[[Masks], Masks], str]] = {
    "of nothing": (
        lambda m: m | {"nonsense.bias": m["fc1.bias"]},
        "of nonsense.bias, which the network has not",
    ),
    "too long": (
        lambda m: m | {"fc1.bias": torch.ones(3, 5, dtype=torch.bool)},
        "(3, 5); the network's is (3, 4)",
    ),
    "inverted": (lambda m: m | {"fc1.bias": ~m["fc1.bias"]}, "the mask of fc1.bias takes it from what keeps weights"),
}


@pytest.mark.parametrize("kind", BIASES)
def test_masks_of_biases_are_the_network_s_and_go_with_their_units(kind: str, store: Store) -> None:
    folder, (change_them, says) = write(store, UNITS), BIASES[kind]
    put(folder, change_them(masks_of(UNITS)))
    assert says in fault(store, folder)


def test_a_run_that_makes_masks_of_its_own_leaves_them(store: Store) -> None:
    folder = write(store, GRADUAL, tiny.ones(SETTING), tiny.random_masks(SETTING, 0.9))
    (folder / "end_masks.npz").unlink()
    assert "it lacks end_masks.npz, though it ends with masks of its own" in fault(store, folder)


def test_every_provenance_says_what_a_check_asks_for() -> None:
    assert provenance.provenance("cpu", "data", 1.0).keys() >= {*MADE}


BARRIER = Barrier(DENSE, replace(DENSE, order="again"), points=3)
CONNECTIONS, VALUES = InputConnections(TICKET), InitialValues(TICKET, bins=8)
LINE = {"barrier": np.full(3, 0.2), "error": np.full((3, 3), 0.4)}
COUNTS = {"connections": np.full((3, 1, 28, 28), 2.0)}
BINS = {"fc1": np.full((3, 8), 9.0), "out": np.full((3, 8), 3.0)}
ANSWERS: dict[Measurement, dict[str, np.ndarray]] = {BARRIER: LINE, CONNECTIONS: COUNTS, VALUES: BINS}

ALTERED: dict[str, tuple[Measurement, dict[str, np.ndarray], str]] = {
    "a rise of 7": (BARRIER, LINE | {"barrier": np.full(3, 7.0)}, "has barrier from 7 to 7; it lies between 0 and 1"),
    "an infinite rise": (BARRIER, LINE | {"barrier": np.full(3, np.inf)}, "has barrier from inf to inf"),
    "a rise that is none": (BARRIER, LINE | {"barrier": np.full(3, np.nan)}, "has gaps in barrier of replicates"),
    "no rise": (BARRIER, {"error": LINE["error"]}, "holds ['error']; Barrier finds ['barrier', 'error']"),
    "another name": (BARRIER, {"rise": LINE["barrier"], "error": LINE["error"]}, "holds ['error', 'rise']; Barrier"),
    "fewer points": (BARRIER, LINE | {"error": LINE["error"][:, :2]}, "shape (3, 2); behind the replicates it is (3,)"),
    "connections below none": (
        CONNECTIONS,
        {"connections": COUNTS["connections"] - 5},
        "connections from -3 to -3",
    ),
    "more than there are units": (CONNECTIONS, {"connections": COUNTS["connections"] + 3}, "it lies between 0 and 4"),
    "a flat image": (CONNECTIONS, {"connections": np.ones((3, 784))}, "behind the replicates it is (1, 28, 28)"),
    "other bins": (VALUES, BINS | {"out": np.ones((3, 7))}, "has out of shape (3, 7)"),
    "a layer too few": (VALUES, {"out": BINS["out"]}, "InitialValues finds ['fc1', 'out']"),
}


def answered(store: Store, question: Measurement, values: dict[str, np.ndarray]) -> Place:
    """Store an answer beside the runs that were asked; return its folder."""
    for run in question.runs():
        write(store, run)
    store.write_answer(question, values, ABOUT)
    return store.folder(question)


@pytest.mark.parametrize("question", ANSWERS, ids=lambda q: type(q).__name__)
def test_an_answer_is_what_its_class_finds(question: Measurement, store: Store) -> None:
    answered(store, question, ANSWERS[question])
    assert store.verify() == []


@pytest.mark.parametrize("kind", ALTERED)
def test_an_answer_of_other_names_shapes_or_ranges_is_found(kind: str, store: Store) -> None:
    question, values, says = ALTERED[kind]
    assert says in fault(store, answered(store, question, values))


def test_an_answer_of_a_replicate_that_diverged_is_none_and_no_other_is(store: Store) -> None:
    folder = answered(store, BARRIER, LINE)
    run = store.folder(BARRIER.other)
    gone = {n: v * [1, np.nan, 1] for n, v in rules.read_npz(run / "metrics.npz").items() if n.endswith(("ss", "acy"))}
    change(run, **gone, diverged_at=np.array([-1, 0, -1]))
    rehash(run)
    assert "has barrier of replicates that diverged" in fault(store, folder)
    alive = np.array([1, np.nan, 1])
    values = {"barrier": LINE["barrier"] * alive, "error": LINE["error"] * alive[:, None]}
    (folder / "values.npz").write_bytes(to_npz(values))
    rehash(folder)
    assert store.verify() == []


def test_of_runs_that_are_stored_elsewhere_an_answer_is_numbers(store: Store) -> None:
    store.write_answer(BARRIER, {"anything": np.ones(3)}, ABOUT)
    assert store.verify() == []
