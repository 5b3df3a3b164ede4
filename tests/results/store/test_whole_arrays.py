"""Arrays that are not those of their run are found though their hashes fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
from kept import change, metrics, put, rehash, some_masks, truncate, write
from tiny import ABOUT, SEEDS

from lth_lib import masks as mask_rules
from lth_lib.experiments.studies import imp, lenet
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import store as rules
from lth_lib.results.store import Place, Store
from lth_lib.results.store.files import to_npz


def drop(folder: Place, *dropped: str) -> None:
    """Write the metrics again without some of them."""
    kept = {name: value for name, value in rules.read_npz(folder / "metrics.npz").items() if name not in dropped}
    (folder / "metrics.npz").write_bytes(to_npz(kept))


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
