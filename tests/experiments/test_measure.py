"""What a finished run can be asked: counted again by hand, stored once, and never at the price of a training."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from torch import nn

from lth_lib.data import Marked
from lth_lib.experiments.measure import InitialValues, InputConnections, Measurement, UnitWeights
from lth_lib.experiments.studies import imp, reinitialised
from lth_lib.models import Conv, Module, Transformer
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results.compute import Missing, compute
from lth_lib.results.provenance import source
from lth_lib.results.store import Store, StoreError
from lth_lib.spec import SpecError

RUNS = imp(tiny.setting(steps=10), Pruner(), Geometric(0.5, 1), seeds=tiny.SEEDS)
QUESTIONS: list[Measurement] = [InputConnections(RUNS[1]), InitialValues(RUNS[1], bins=8), UnitWeights(RUNS[1], 2)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = tiny.store(tmp_path_factory.mktemp("measured"))
    compute([*RUNS, *QUESTIONS], store, train=True, progress=False)
    return store


def test_connections_are_the_masks_columns(trained: Store) -> None:
    results = compute([RUNS[1], *QUESTIONS], trained)
    masks, answer = results[RUNS[1]].masks, results.answer(QUESTIONS[0])
    assert masks is not None
    assert answer is not None
    assert answer["connections"].shape == (3, 1, 8, 8)
    for row in range(3):
        by_hand = np.array([masks["fc1.weight"][row, :, pixel].sum() for pixel in range(64)])
        np.testing.assert_array_equal(answer["connections"][row].flatten(), by_hand)


def test_initial_values_are_those_the_run_began_with_where_they_are_kept(trained: Store) -> None:
    answer = compute(QUESTIONS, trained).answer(QUESTIONS[1])
    masks = trained.read(RUNS[1]).masks
    assert answer is not None
    assert masks is not None
    values, _ = tiny.weights_of(RUNS[1].setting)
    assert list(answer) == ["fc1", "fc2", "out"]
    for name, counts in answer.items():
        scaled = np.stack([(own / own.std()).numpy() for own in values[f"{name}.weight"]])
        kept = masks[f"{name}.weight"].numpy()
        by_hand = [
            [((x >= a) & (x < a + 1)).sum() for a in range(-4, 4)] for x in (scaled[r][kept[r]] for r in range(3))
        ]
        np.testing.assert_array_equal(counts, by_hand)


def test_units_are_those_that_keep_most_and_some_in_the_middle_at_both_ends(trained: Store) -> None:
    results = compute([RUNS[1], *QUESTIONS], trained)
    answer, mask = results.answer(QUESTIONS[2]), results[RUNS[1]].masks["fc1.weight"]
    assert answer is not None
    kept = mask.sum(2)  # [R, units]
    begun = RUNS[1].setting.initial(tiny.SEEDS)[0]["fc1.weight"]
    ended = (trained.read_weights(RUNS[1].digest) or {})["params/fc1.weight"]
    for row in range(len(tiny.SEEDS)):
        order = sorted(range(kept.shape[1]), key=lambda unit: (-kept[row, unit], unit))
        middle = (len(order) - 2) // 2
        chosen = [*order[:2], *order[middle : middle + 2]]
        assert [*answer["unit"][row]] == chosen
        assert [*answer["kept"][row]] == [*kept[row, chosen]]
        for name, weights in (("initial", begun), ("trained", ended)):
            expected = np.where(mask[row, chosen], weights[row].numpy()[chosen], 0)
            assert np.array_equal(answer[name][row].reshape(4, -1), expected)
    assert (answer["initial"] != answer["trained"]).any()


def test_initial_values_are_of_weights_though_biases_may_be_masked(tmp_path: Path) -> None:
    run = imp(tiny.setting(steps=10), Pruner(granularity=Unit()), Geometric(0.5, 1), seeds=tiny.SEEDS)[1]
    answer = compute([InitialValues(run)], tiny.store(tmp_path), train=True, progress=False).answer(InitialValues(run))
    assert answer is not None
    assert list(answer) == ["fc1", "fc2", "out"]
    assert (answer["fc1"].sum(1) <= 8 * 64).all()


def test_a_control_is_asked_of_its_own_values(trained: Store) -> None:
    control = InitialValues(reinitialised(RUNS[1]), bins=8)
    answers = compute([QUESTIONS[1], control], trained, train=True, progress=False)
    one, other = answers.answer(QUESTIONS[1]), answers.answer(control)
    assert one is not None
    assert other is not None
    assert np.abs(one["fc1"].sum(1) - other["fc1"].sum(1)).max() <= 4, "but for those beyond the histogram"
    assert (one["fc1"] != other["fc1"]).any()


def test_an_answer_is_stored_under_its_digest_and_verified(trained: Store) -> None:
    folder = trained.folder(QUESTIONS[0])
    assert folder.parent.name == "measurements"
    assert folder.name == QUESTIONS[0].digest
    assert json.loads((folder / "spec.json").read_text())["run"] == {"class": "Run", "digest": RUNS[1].digest}
    about = json.loads((folder / "provenance.json").read_text())
    assert about["data"]
    assert about["source"] == source()
    assert "kernel" not in about
    assert trained.verify() == []


def test_an_altered_answer_is_named(trained: Store) -> None:
    path = trained.folder(QUESTIONS[0]) / "values.npz"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-3])
        assert [str(path) in fault for fault in trained.verify()] == [True]
        with pytest.raises(StoreError, match="does not match"):
            compute(QUESTIONS, trained)
    finally:
        path.write_bytes(whole)


ALTERED = {
    "none": ({}, "holds an empty array, or none"),
    "an empty one": ({"fc1": np.empty((3, 0))}, "holds an empty array, or none"),
    "a number": ({"fc1": np.array(3.0)}, "has [()] rows, of [3] replicates"),
    "words": ({"fc1": np.array(["a", "b", "c"])}, "no numbers"),
    "a seed too few": ({"fc1": np.ones((2, 4))}, "has [(2,)] rows, of [3] replicates"),
    "rows that differ": ({"fc1": np.ones((3, 4)), "fc2": np.ones((2, 4))}, "has [(2,), (3,)] rows"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_answer_that_is_none_is_named(what: str, trained: Store, tmp_path: Path) -> None:
    store, (values, says) = tiny.store(tmp_path), ALTERED[what]
    shutil.copytree(trained.folder(RUNS[1]), store.folder(RUNS[1]))
    store.write_answer(QUESTIONS[0], values, tiny.ABOUT)
    (fault,) = store.verify()
    assert says in fault
    assert str(store.folder(QUESTIONS[0])) in fault


def test_what_is_stored_is_asked_without_training_and_nothing_is_written(trained: Store, tmp_path: Path) -> None:
    bare = Store(trained.results, tmp_path)
    other = InitialValues(RUNS[1], bins=4)
    answer = compute([other], bare).answer(other)
    assert answer is not None
    assert not bare.has(other)
    assert not list(tmp_path.iterdir())


def test_what_needs_training_is_missing_or_left_out(tmp_path: Path) -> None:
    empty = tiny.store(tmp_path)
    with pytest.raises(Missing, match="may not train"):
        compute(QUESTIONS, empty)
    assert compute(QUESTIONS, empty, partial=True).answer(QUESTIONS[0]) is None
    assert not any(empty.folders())


@dataclass(frozen=True)
class Embedded(Module):
    def build(self):
        return nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(4 * Marked.shape[0], 2))


def test_wrong_questions_are_refused() -> None:
    colour = replace(tiny.setting(), data=tiny.Colour(), model=Conv(1, (8,), 8))
    with pytest.raises(SpecError, match="first layer is fully connected"):
        InputConnections(replace(RUNS[0], setting=colour))
    for width in (4, 12):  # an embedding has as many axes, and may have as many columns as there are inputs
        setting = replace(tiny.setting(), data=Marked(), model=Transformer(tokens=9, width=width, heads=1))
        with pytest.raises(SpecError, match=r"begins with token, of kind embed and shape \(9, "):
            InputConnections(replace(RUNS[0], setting=setting))
    embedded = replace(tiny.setting(), data=Marked(), model=Embedded())
    with pytest.raises(SpecError, match=r"begins with 0, of kind fc and shape \(9, 4\)"):
        InputConnections(replace(RUNS[0], setting=embedded))
    with pytest.raises(SpecError, match="UnitWeights asks a network whose first layer is fully connected"):
        UnitWeights(replace(RUNS[0], setting=colour))
    with pytest.raises(SpecError, match=r"count was 6; of 16 units it is 1 to 5"):
        UnitWeights(RUNS[0], 6)
    with pytest.raises(SpecError, match="bins was 0"):
        InitialValues(RUNS[0], bins=0)
