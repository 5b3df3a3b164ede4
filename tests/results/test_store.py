"""What is stored is whole, is what it says it is, and whatever is altered is found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from tiny import ABOUT, SEEDS, setting
from upath import UPath
from upath.implementations.memory import MemoryPath

import lth_lib
from lth_lib import masks as mask_rules
from lth_lib.experiments.measure import InputConnections
from lth_lib.experiments.run import Dense, Run
from lth_lib.experiments.studies import imp, lenet, shuffled
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import store as rules
from lth_lib.results.compute import compute
from lth_lib.results.store import SUMS, Place, Store, StoreError, file_digest
from lth_lib.results.store.files import to_npz
from lth_lib.spec import canonical_json

DENSE, TICKET = imp(setting(), Pruner(), Geometric(0.5, 1), seeds=SEEDS)


def metrics(density: np.ndarray | float = 1.0, layers: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
    """Return metrics as a run of the tiny setting has them, which is evaluated five times."""
    shares = np.linspace(0, 1, 15, dtype=np.float32).reshape(5, 3)
    by_step = {f"{split}_{what}": shares for split in ("train", "valid", "test") for what in ("loss", "accuracy")}
    once = {f"{when}_{split}_accuracy": np.ones(3) for when in ("best", "final") for split in ("train", "test")}
    kept = layers or dict.fromkeys(("fc1.weight", "fc2.weight", "out.weight"), np.broadcast_to(density, 3).copy())
    by_layer = {f"layer_density/{name}": share for name, share in kept.items()}
    steps = {"step": np.arange(0, 50, 10), "diverged_at": np.full(3, -1), "best_step": np.zeros(3, np.int64)}
    return steps | by_step | once | by_layer | {"density": np.broadcast_to(density, (5, 3)).copy()}


def of_masks(masks: Masks) -> dict[str, np.ndarray]:
    """Return metrics of a run that has these masks."""
    return metrics(mask_rules.density(masks), mask_rules.layer_density(masks))


def some_masks(rate: float = 0.5) -> Masks:
    return tiny.random_masks(setting(), rate)


def write(store: Store, run: Run = TICKET) -> Place:
    """Store a ticket with its masks; return its folder."""
    masks = some_masks()
    store.write(run, of_masks(masks), masks, ABOUT)
    return store.folder(run)


@pytest.fixture
def store(place: Place) -> Store:
    return tiny.store(place)


@pytest.fixture
def in_folder(tmp_path: Path) -> Store:
    """Return a store on this machine's file system, where a folder is written under another name and renamed."""
    return tiny.store(tmp_path)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Store]:
    """Return a store where nothing can be renamed as a whole."""
    there = UPath(f"memory://remote{tmp_path}")
    yield tiny.store(there)
    if there.exists():
        there.rmdir(recursive=True)


def rehash(folder: Place) -> None:
    """Record the hashes of what is there now, as one would who wants it to pass."""
    (folder / SUMS).unlink()
    (folder / SUMS).write_text(json.dumps({path.name: file_digest(path) for path in folder.iterdir()}))


def change(folder: Place, **changed: np.ndarray) -> None:
    """Write the metrics again with some of them changed."""
    (folder / "metrics.npz").write_bytes(to_npz(rules.read_npz(folder / "metrics.npz") | changed))


def drop(folder: Place, *dropped: str) -> None:
    """Write the metrics again without some of them."""
    kept = {name: value for name, value in rules.read_npz(folder / "metrics.npz").items() if name not in dropped}
    (folder / "metrics.npz").write_bytes(to_npz(kept))


def put(folder: Place, masks: Masks) -> None:
    """Write other masks."""
    (folder / "masks.npz").write_bytes(to_npz(mask_rules.pack(masks)))


def put_at(folder: Place, name: str, number: float, row: int = 3) -> None:
    """Write another number of the middle replicate, of its evaluations that of a row."""
    value = rules.read_npz(folder / "metrics.npz")[name].astype(float)
    value[(row, 1) if value.ndim == 2 else 1] = number
    change(folder, **{name: value})


def say(folder: Place, about: dict[str, object]) -> None:
    """Write another provenance."""
    (folder / "provenance.json").write_text(json.dumps(about))


def mask_too(folder: Place, name: str, width: int) -> None:
    """Write a mask of something more."""
    put(folder, rules.read_masks(folder / "masks.npz") | {name: torch.ones(3, width, dtype=torch.bool)})


def with_gap(row: int) -> np.ndarray:
    """Return numbers of five evaluations, one of which lacks that of a replicate."""
    shares = np.full((5, 3), 0.5)
    shares[row, 1] = np.nan
    return shares


def diverge(folder: Place, row: int = 2) -> None:
    """Let the middle replicate diverge before the evaluation of a row."""
    held = rules.read_npz(folder / "metrics.npz")
    for name, value in held.items():
        if name.endswith(("loss", "accuracy")) and not name.startswith("best"):
            value[(slice(row, None), 1) if value.ndim == 2 else 1] = np.nan
    change(folder, **held | {"diverged_at": np.array([-1, 10 * row - 6, -1])})


def truncate(path: Place) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def test_what_is_written_is_read_again(store: Store) -> None:
    folder, masks = write(store), some_masks()
    result = store.read(TICKET)
    assert store.has(TICKET)
    assert not store.has(DENSE)
    wanted = of_masks(masks)
    assert result.metrics.keys() == wanted.keys()
    assert all(np.array_equal(result.metrics[name], value) for name, value in wanted.items())
    assert tiny.same_tree(result.masks or {}, masks)
    assert result.provenance == ABOUT
    assert (folder / "spec.json").read_text() == canonical_json(TICKET)
    assert store.verify() == []


def test_a_run_without_masks_has_none(store: Store) -> None:
    store.write(DENSE, metrics(), None, ABOUT)
    assert store.read(DENSE).masks is None
    assert store.verify() == []


def test_a_run_that_is_not_stored_is_named(store: Store) -> None:
    assert list(store.folders()) == store.verify() == []
    with pytest.raises(StoreError, match=TICKET.digest):
        store.read(TICKET)


DAMAGES: dict[str, tuple[Callable[[Place], object], str]] = {
    "altered metrics": (lambda f: change(f, valid_loss=np.zeros((5, 3))), "metrics.npz does not match its SHA-256"),
    "altered spec": (
        lambda f: (f / "spec.json").write_text(canonical_json(DENSE)),
        "holds the spec of " + DENSE.digest,
    ),
    "altered provenance": (lambda f: (f / "provenance.json").write_text("{}"), "provenance.json does not match"),
    "missing metrics": (lambda f: (f / "metrics.npz").unlink(), "lacks metrics.npz"),
    "missing hashes": (lambda f: (f / SUMS).unlink(), f"lacks {SUMS}"),
    "missing masks": (lambda f: (f / "masks.npz").unlink(), "lists"),
    "truncated metrics": (lambda f: truncate(f / "metrics.npz"), "metrics.npz does not match"),
    "truncated masks": (lambda f: truncate(f / "masks.npz"), "masks.npz does not match"),
    "an extra file": (lambda f: (f / "notes.txt").write_text("hello"), "notes.txt"),
    "hashes that are no JSON": (lambda f: (f / SUMS).write_text("{"), "SHA256SUMS.json cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_one_sentence_names_the_folder_and_what_to_do(damage: str, store: Store) -> None:
    folder = write(store)
    store.write(DENSE, metrics(), None, ABOUT)
    act, says = DAMAGES[damage]
    act(folder)
    (fault,) = store.verify()
    assert says in fault
    assert str(folder) in fault
    assert "make compute" in fault


def test_a_renamed_folder_is_found(in_folder: Store) -> None:
    folder = write(in_folder)
    folder.rename(folder.with_name(DENSE.digest))
    (fault,) = in_folder.verify()
    assert f"holds the spec of {TICKET.digest}" in fault
    with pytest.raises(StoreError, match="holds the spec"):
        in_folder.read(DENSE)


@pytest.mark.parametrize("damage", ["altered metrics", "truncated metrics", "an extra file", "missing metrics"])
def test_what_is_damaged_is_not_read(damage: str, store: Store) -> None:
    DAMAGES[damage][0](write(store))
    with pytest.raises(StoreError, match="remove the folder"):
        store.read(TICKET)
    with pytest.raises(StoreError, match="remove the folder"):
        store.find(TICKET.digest)


UNSOUND: dict[str, tuple[Callable[[Place], object], str]] = {
    "a seed too few": (lambda f: change(f, valid_loss=np.zeros((5, 2))), "valid_loss has the shape (5, 2)"),
    "a row too few": (lambda f: change(f, valid_loss=np.zeros((4, 3))), "valid_loss has the shape (4, 3)"),
    "a gap": (lambda f: change(f, valid_loss=with_gap(2)), "valid_loss has gaps"),
    "a gap at a test": (lambda f: change(f, test_accuracy=with_gap(2)), "test_accuracy has gaps"),
    "a gap at the end": (lambda f: change(f, final_test_accuracy=np.array([1, np.nan, 1])), "has gaps"),
    "an accuracy of 7": (lambda f: change(f, best_test_accuracy=np.full(3, 7.0)), "must lie between 0 and 1"),
    "a density below 0": (lambda f: change(f, density=np.full((5, 3), -0.5)), "must lie between 0 and 1"),
    "words": (lambda f: change(f, final_test_accuracy=np.array(["a", "b", "c"])), "no such numbers"),
    "half a step": (lambda f: change(f, best_step=np.full(3, 0.5)), "best_step holds float64"),
    "a best step between two": (lambda f: change(f, best_step=np.full(3, 7)), "where nothing was evaluated"),
    "a divergence after the end": (lambda f: change(f, diverged_at=np.full(3, 41)), "diverged_at is [41, 41, 41]"),
    "a step too late": (lambda f: change(f, step=np.array([0, 10, 20, 30, 41])), "not the 5 from 0 to 40"),
    "steps in no order": (lambda f: change(f, step=np.array([0, 20, 10, 30, 40])), "not the 5 from 0 to 40"),
    "no accuracies": (lambda f: drop(f, "valid_accuracy", "best_step"), "lacks valid_accuracy, best_step"),
    "no layers": (lambda f: drop(f, *(f"layer_density/{name}" for name in some_masks())), "the layers []"),
    "other masks": (lambda f: put(f, some_masks(0.6)), "the mask of fc1.weight has density"),
    "no masks in their file": (lambda f: put(f, {}), "the masks are of []"),
    "a layer's mask too few": (lambda f: put(f, {"out.weight": some_masks()["out.weight"]}), "the masks are of"),
    "masks of fewer seeds": (
        lambda f: put(f, {n: m[:2] for n, m in some_masks().items()}),
        "has the shape (2, 16, 64)",
    ),
    "another density": (
        lambda f: change(f, density=np.full((5, 3), 0.25)),
        "the metrics say [0.25 0.25 0.25]",
    ),
    "an empty file": (lambda f: (f / "metrics.npz").write_bytes(b""), "metrics.npz cannot be read"),
    "seconds that are none": (lambda f: say(f, ABOUT | {"seconds": np.nan}), "took nan seconds"),
    "a provenance that says nothing": (lambda f: say(f, {}), "does not say commit, data, date, device, numpy"),
    "an infinite loss": (lambda f: put_at(f, "valid_loss", np.inf), "valid_loss has gaps or infinite numbers"),
    "numbers after the end": (lambda f: change(f, diverged_at=np.array([-1, 14, -1])), "replicates that had diverged"),
    "one number after the end": (lambda f: (diverge(f), put_at(f, "test_loss", 1.0)), "test_loss has numbers of"),
    "a final accuracy after the end": (lambda f: (diverge(f), put_at(f, "final_test_accuracy", 1.0)), "had diverged"),
    "half of the best accuracies": (lambda f: change(f, top_step=np.zeros(3, int)), "lacks top_train_accuracy, top_te"),
    "what nothing measures": (lambda f: change(f, weather=np.ones(3)), "holds weather, which nothing measures"),
    "a density that moves": (lambda f: put_at(f, "density", 0.4, row=0), "though its masks stay as they are"),
    "a bias too short": (lambda f: mask_too(f, "fc1.bias", 8), "the mask of fc1.bias has the shape (3, 8)"),
    "masks of the end": (
        lambda f: (f / "end_masks.npz").write_bytes((f / "masks.npz").read_bytes()),
        "it has end_masks.npz, though it ends with the masks that it began with",
    ),
    "truncated metrics": (lambda f: truncate(f / "metrics.npz"), "cannot be read"),
    "truncated masks": (lambda f: truncate(f / "masks.npz"), "cannot be read"),
    "no metrics": (lambda f: (f / "metrics.npz").write_bytes(to_npz({})), "metrics.npz lacks step, density"),
    "pickled objects": (lambda f: change(f, valid_loss=np.array([{}] * 15, object).reshape(5, 3)), "cannot be read"),
}


@pytest.mark.parametrize("kind", UNSOUND)
def test_arrays_that_are_not_whole_are_found_though_their_hashes_fit(kind: str, store: Store) -> None:
    folder = write(store)
    act, says = UNSOUND[kind]
    act(folder)
    rehash(folder)
    (fault,) = store.verify()
    assert says in fault
    assert str(folder) in fault


def test_gaps_are_allowed_in_a_replicate_that_diverged(store: Store) -> None:
    folder = write(store)
    diverge(folder)
    rehash(folder)
    assert store.verify() == []


def test_gaps_are_allowed_where_nothing_is_evaluated(store: Store) -> None:
    folder = write(store)
    change(folder, test_accuracy=with_gap(1), test_loss=with_gap(3), train_loss=with_gap(0))
    rehash(folder)
    assert store.verify() == []


KNOWN = imp(replace(lenet("quick"), model=LeNet((4,))), Pruner(), Geometric(0.5, 1), seeds=SEEDS)[1]
"""A run of a network that the library knows, whose shapes are not told by its own files alone."""


def known(store: Store) -> Place:
    """Store it with masks; return its folder."""
    given = KNOWN.setting
    masks, recipe = tiny.random_masks(given, 0.5), given.recipe
    steps = np.arange(0, recipe.steps + 1, recipe.segment)
    long = {
        name: np.resize(value, (len(steps), 3)) if value.shape == (5, 3) else value
        for name, value in metrics(mask_rules.density(masks), mask_rules.layer_density(masks)).items()
    }
    store.write(KNOWN, long | {"step": steps}, masks, ABOUT)
    return store.folder(KNOWN)


def turned(masks: Masks) -> Masks:
    return {name: mask.transpose(1, 2) for name, mask in masks.items()}


def renamed(masks: Masks) -> Masks:
    return {name.replace("fc1", "fc7"): mask for name, mask in masks.items()}


def test_masks_are_those_of_the_network(in_folder: Store) -> None:
    folder = known(in_folder)
    assert in_folder.verify() == []
    put(folder, turned(rules.read_masks(folder / "masks.npz")))
    rehash(folder)
    (fault,) = in_folder.verify()
    assert "the mask of fc1.weight has the shape (3, 784, 4); the network's is (3, 4, 784)" in fault


def test_layers_are_those_of_the_network(in_folder: Store) -> None:
    folder = known(in_folder)
    old = rules.read_npz(folder / "metrics.npz")
    (folder / "metrics.npz").write_bytes(to_npz({name.replace("fc1", "fc7"): value for name, value in old.items()}))
    put(folder, renamed(rules.read_masks(folder / "masks.npz")))
    rehash(folder)
    (fault,) = in_folder.verify()
    assert "densities of the layers ['fc7.weight', 'out.weight'], the network has ['fc1.weight', 'out.weight']" in fault


def test_a_file_where_a_result_belongs_is_said(in_folder: Store) -> None:
    write(in_folder)
    for path in (in_folder.folder(DENSE), in_folder.folder(InputConnections(DENSE))):
        path.parent.mkdir(exist_ok=True)
        path.touch()
        with pytest.raises(StoreError, match=f"{path} is no folder, but that of a result belongs there; remove it"):
            compute([DENSE, InputConnections(DENSE)], in_folder, train=True, progress=False)
        assert [str(path) in fault for fault in in_folder.verify()] == [True]
        path.unlink()
        path.symlink_to(in_folder.results / "nowhere")
        with pytest.raises(StoreError, match="is no folder"):
            in_folder.has(DENSE if path.parent.name == "runs" else InputConnections(DENSE))
        path.unlink()


def test_a_file_where_all_results_belong_is_said(in_folder: Store) -> None:
    in_folder.results.mkdir()
    (in_folder.results / "runs").touch()
    with pytest.raises(StoreError, match="runs is no folder, but one belongs there"):
        in_folder.verify()


LEFT_BEHIND = (".DS_Store", "Thumbs.db", ".nfs000000000123", "desktop.ini", "._metrics.npz")


def test_what_file_systems_and_their_browsers_leave_is_no_damage(store: Store) -> None:
    folder = write(store)
    (folder / ".ipynb_checkpoints").mkdir()
    for there in (folder, folder.parent, store.results):
        for name in LEFT_BEHIND:
            (there / name).write_bytes(b"left")
    assert store.verify() == []
    assert store.read(TICKET).provenance == ABOUT
    assert list(store.folders()) == [folder]


def test_pickled_objects_are_never_loaded(store: Store, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "executed",))

    folder = write(store)
    for name in ("metrics.npz", "masks.npz"):
        (folder / name).write_bytes(to_npz({"step": np.array([Evil()], object)}))
    rehash(folder)
    with pytest.raises(StoreError, match=r"metrics.npz cannot be read .*allow_pickle"):
        store.read(TICKET)
    with pytest.raises(StoreError, match=r"masks.npz cannot be read .*allow_pickle"):
        rules.read_masks(folder / "masks.npz")
    assert len(store.verify()) == 1
    assert not (tmp_path / "executed").exists()


def test_a_result_is_found_by_the_beginning_of_its_digest(store: Store) -> None:
    folder = write(store)
    assert store.find(TICKET.digest) == store.find(TICKET.digest[:6]) == folder


def test_a_digest_that_is_unknown_or_ambiguous_is_named(store: Store) -> None:
    write(store)
    with pytest.raises(StoreError, match=r"'xyz'; no result begins so"):
        store.find("xyz")
    store.write(DENSE, metrics(), None, ABOUT)
    with pytest.raises(StoreError, match=r"''; 2 results begin so"):
        store.find("")


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["os.replace", "numpy.savez_compressed"])
def test_a_result_is_written_whole_or_not_at_all(
    where: str, error: BaseException, in_folder: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(where, fail)
        with pytest.raises((type(error), StoreError), match="disk full" if isinstance(error, OSError) else None):
            write(in_folder)
    assert not in_folder.has(TICKET)
    assert list((in_folder.results / "runs").glob("*")) == []
    write(in_folder)
    assert in_folder.verify() == []


def test_the_first_of_two_writers_stays(store: Store) -> None:
    store.write(DENSE, metrics(), None, ABOUT | {"writer": 1})
    store.write(DENSE, metrics(0.5), None, ABOUT | {"writer": 2})
    assert store.read(DENSE).provenance == ABOUT | {"writer": 1}
    assert [path.name for path in (store.results / "runs").iterdir()] == [DENSE.digest]


def test_the_first_stays_where_the_second_did_not_see_it(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_it = os.replace

    def late(source: Path, target: Path) -> None:
        monkeypatch.undo()
        in_folder.write(DENSE, metrics(), None, ABOUT | {"writer": 1})
        replace_it(source, target)

    monkeypatch.setattr(os, "replace", late)
    in_folder.write(DENSE, metrics(0.5), None, ABOUT | {"writer": 2})
    assert in_folder.read(DENSE).provenance == ABOUT | {"writer": 1}
    assert in_folder.verify() == []
    assert [path.name for path in (in_folder.results / "runs").iterdir()] == [DENSE.digest]


def test_masks_are_found_by_their_spec(store: Store) -> None:
    assert store.find_masks(TICKET.ticket.masks) is None
    write(store)
    assert tiny.same_tree(store.find_masks(TICKET.ticket.masks) or {}, some_masks())
    assert store.find_masks(Dense()) is None
    assert store.find_masks(shuffled(TICKET).ticket.masks) is None
    masks = TICKET.ticket.masks
    assert store.find_masks(replace(masks, rate=0.4)) is None  # type: ignore[type-var]


def test_what_was_looked_at_is_not_looked_at_again(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write(in_folder)
    other = replace(TICKET.ticket.masks, rate=0.4)  # type: ignore[type-var]
    assert in_folder.find_masks(other) is None
    with monkeypatch.context() as closed:
        for ask in ("is_dir", "exists", "stat", "read_text", "read_bytes"):
            closed.setattr(Path, ask, lambda path: pytest.fail(f"{path} is asked again"))
        assert in_folder.find_masks(other) is None
    in_folder.write(replace(TICKET, order="a"), of_masks(some_masks(0.4)), some_masks(0.4), {})
    assert set(in_folder.holders().values()) == {min(TICKET.digest, replace(TICKET, order="a").digest)}


def test_masks_in_a_damaged_folder_are_not_used(store: Store) -> None:
    DAMAGES["altered metrics"][0](write(store))
    with pytest.raises(StoreError, match="does not match"):
        store.find_masks(TICKET.ticket.masks)


def test_weights_come_back_bit_for_bit(store: Store) -> None:
    weights = {"params/fc1.weight": torch.randn(3, 4), "statistics/bn.mean": torch.tensor([float("nan"), 1.0])}
    assert store.read_weights("0" * 64) is None
    store.write_weights("0" * 64, weights)
    assert tiny.same_tree(store.read_weights("0" * 64) or {}, weights)


def test_a_file_system_without_modes_is_no_fault(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refused)
    write(in_folder)
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    assert in_folder.read(TICKET).provenance == ABOUT
    assert in_folder.read_weights("0" * 64) is not None


def test_a_folder_where_weights_belong_is_set_aside(in_folder: Store) -> None:
    path = in_folder.weights("0" * 64)
    path.mkdir(parents=True)
    with pytest.warns(UserWarning, match="set aside"):
        assert in_folder.read_weights("0" * 64) is None
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    assert in_folder.read_weights("0" * 64) is not None


@pytest.mark.parametrize("name", ["spec.json", "metrics.npz", "masks.npz", "provenance.json", SUMS])
def test_a_folder_where_a_file_belongs_is_named(name: str, in_folder: Store) -> None:
    folder = write(in_folder)
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(StoreError, match=f"{name} cannot be read"):
        in_folder.read(TICKET)
    (fault,) = in_folder.verify()
    assert str(folder / name) in fault


@pytest.mark.parametrize("spec", ['{"ticket": {"masks": NaN}}', '{"ticket": 3}', "[]", "{"])
def test_a_spec_that_makes_no_sense_is_not_looked_for(spec: str, in_folder: Store) -> None:
    folder = write(in_folder)
    (folder / "spec.json").write_text(spec)
    assert in_folder.holders() == {}


def test_another_runs_weights_are_not_taken(in_folder: Store) -> None:
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    mine, other = (in_folder.scratch / "weights" / f"{digit * 64}.weights" for digit in "01")
    mine.rename(other)
    with pytest.warns(UserWarning, match="are damaged and were set aside"):
        assert in_folder.read_weights("1" * 64) is None


def test_what_is_written_may_be_read_by_others(in_folder: Store) -> None:
    in_folder.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    (path,) = (in_folder.scratch / "weights").iterdir()
    assert path.stat().st_mode & 0o777 == 0o644


def test_weights_are_written_whole_or_not_at_all(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"params/fc1.weight": torch.ones(3, 4)}
    in_folder.write_weights("0" * 64, weights)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        in_folder.write_weights("1" * 64, weights)
    assert in_folder.read_weights("1" * 64) is None
    assert len(list((in_folder.scratch / "weights").iterdir())) == 1, "nothing half there is left behind"


def flip(path: Place) -> None:
    """Flip a bit of the last byte, in the middle of a number."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize("damage", [truncate, flip])
def test_damaged_weights_are_set_aside(damage: Callable[[Place], None], store: Store) -> None:
    store.write_weights("0" * 64, {"params/fc1.weight": torch.ones(3, 4)})
    path = store.scratch / "weights" / f"{'0' * 64}.weights"
    damage(path)
    with pytest.warns(UserWarning, match="set aside"):
        assert store.read_weights("0" * 64) is None
    assert [left.name for left in path.parent.iterdir()] == [f"{'0' * 64}.damaged"]
    store.write_weights("0" * 64, {"params/fc1.weight": torch.zeros(3, 4)})
    assert store.has_weights("0" * 64)


def test_what_begins_with_a_dot_is_no_result(in_folder: Store) -> None:
    folder = write(in_folder)
    shutil.copytree(folder, folder.with_name(".half"))
    assert list(in_folder.folders()) == [folder]


def stopped_before_the_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the next writer to a remote store when only its hashes are left to write."""
    write_bytes = MemoryPath.write_bytes

    def stop(path: MemoryPath, content: bytes) -> int:
        if path.name == SUMS:
            raise KeyboardInterrupt
        return write_bytes(path, content)

    monkeypatch.setattr(MemoryPath, "write_bytes", stop)


def test_where_nothing_is_renamed_a_result_is_there_when_its_hashes_are(
    remote: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stopping:
        stopped_before_the_hashes(stopping)
        with pytest.raises(KeyboardInterrupt):
            write(remote)
    folder = remote.folder(TICKET)
    assert (folder / "metrics.npz").exists(), "it was stopped in the middle"
    assert not remote.has(TICKET)
    assert remote.find_masks(TICKET.ticket.masks) is None
    with pytest.raises(StoreError, match="no result for the digest"):
        remote.read(TICKET)
    assert write(remote) == folder
    assert remote.has(TICKET)
    assert remote.find_masks(TICKET.ticket.masks) is not None
    assert remote.verify() == []


def test_where_nothing_is_renamed_writers_that_meet_leave_one_whole_result(
    remote: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = MemoryPath.write_bytes

    def meet(path: MemoryPath, content: bytes) -> int:
        if path.name == SUMS:
            monkeypatch.undo()
            remote.write(DENSE, metrics(), None, ABOUT | {"writer": 2})
        return write_bytes(path, content)

    monkeypatch.setattr(MemoryPath, "write_bytes", meet)
    remote.write(DENSE, metrics(), None, ABOUT | {"writer": 1})
    assert remote.verify() == []
    assert remote.read(DENSE).provenance == ABOUT | {"writer": 1}


def test_a_place_that_never_holds_what_is_written_is_named(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryPath, "read_bytes", lambda path: b"")
    with pytest.raises(StoreError, match=DENSE.digest):
        remote.write(DENSE, metrics(), None, {})


def test_a_place_that_ceases_to_answer_is_named(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(path: MemoryPath, content: bytes) -> int:
        raise LookupError("the server\ndoes not answer")

    monkeypatch.setattr(MemoryPath, "write_bytes", lost)
    for act in (lambda: write(remote), lambda: remote.write_weights("0" * 64, {"a": torch.ones(3)})):
        with pytest.raises(StoreError, match=r"memory:.* cannot be written \(the server does not answer\)"):
            act()


def test_a_place_of_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nosuch://bucket/results cannot hold a store") as refused:
        Store("nosuch://bucket/results", tmp_path)
    assert "\n" not in str(refused.value)


def test_a_folder_is_the_same_for_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("results", (tmp_path / "scratch").as_uri())
    assert (store.results, store.scratch) == (tmp_path / "results", tmp_path / "scratch")
    assert isinstance(store.scratch, Path)


def test_what_another_machine_writes_is_seen(remote: Store) -> None:
    assert remote.results.storage_options["use_listings_cache"] is False  # type: ignore[union-attr]
    assert (remote.results / "runs").storage_options["use_listings_cache"] is False  # type: ignore[union-attr]


def test_git_changes_no_byte_of_a_result(in_folder: Store, tmp_path: Path) -> None:
    repository, there = tmp_path / "repository", tmp_path / "there"
    shutil.copytree(write(in_folder), repository / "book" / "results" / "runs" / TICKET.digest)
    shutil.copy(Path(lth_lib.__file__).parents[1] / ".gitattributes", repository)
    (repository / "page.md").write_bytes(b"a line\n")
    (repository / "book" / "results" / "lines").write_bytes(b"one\r\nanother\n")
    own = ["-c", "user.name=a", "-c", "user.email=a", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "results"]):
        subprocess.run(["git", *own, *command], cwd=repository, check=True)
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", str(repository), str(there)], check=True)
    assert (there / "page.md").read_bytes() == b"a line\n"
    assert (there / "book" / "results" / "lines").read_bytes() == b"one\r\nanother\n"
    assert Store(there / "book" / "results", tmp_path).verify() == []
