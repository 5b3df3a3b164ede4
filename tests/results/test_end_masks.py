"""A run may end with other masks than it began with, and what comes after it begins with those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from kept import rehash
from tiny import SEEDS, setting

from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.measure import InputConnections
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import reinitialised, shuffled
from lth_lib.experiments.weights import Final
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.dynamics import SET, Gradual, RigL
from lth_lib.pruning.dynamics.regrowing import Regrowing
from lth_lib.pruning.forward import Masked, Popup
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import ERK
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.results.store import Store

RECIPES = {"dynamics": {"dynamics": Gradual(every=4, until=24, density=0.4)}, "forward": {"forward": Popup(0.4)}}


@pytest.fixture(params=RECIPES)
def parent(request: pytest.FixtureRequest) -> Run:
    """Return a dense run that thins itself to 40 % of each layer."""
    return Run(setting(**RECIPES[request.param]), seeds=SEEDS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny.store(tmp_path)


def child(parent: Run) -> Run:
    """Return the ticket that is left when half of the parent's survivors have gone, trained as usual."""
    usual = replace(parent.setting, recipe=replace(parent.setting.recipe, dynamics=None, forward=Masked()))
    return Run(usual, Ticket(Pruned(parent, Pruner(), 0.5)), seeds=SEEDS)


def train(store: Store, *runs: Run) -> list:
    results = compute(runs, store, train=True, progress=False)
    return [results[run] for run in runs]


def test_a_child_of_a_run_that_thinned_itself_starts_at_its_density(parent: Run, store: Store) -> None:
    thinned, ticket = train(store, parent, child(parent))
    sizes = {name: mask[0].numel() for name, mask in thinned.end_masks.items()}
    for name, mask in ticket.masks.items():
        kept = thinned.end_masks[name].flatten(1).sum(1)
        assert (kept.double() / sizes[name]).tolist() == pytest.approx([0.4] * 3, abs=3 / sizes[name])
        assert torch.equal(mask.flatten(1).sum(1), kept - (kept + 1) // 2)
        assert not (mask & ~thinned.end_masks[name]).any(), "the masks are nested"
    np.testing.assert_allclose(ticket.metrics["density"], np.broadcast_to(mask_rules.density(ticket.masks), (5, 3)))


def test_its_controls_have_the_ticket_s_counts(parent: Run, store: Store) -> None:
    ticket = child(parent)
    runs = train(store, parent, ticket, reinitialised(ticket), shuffled(ticket))
    for name, share in runs[1].layer_density.items():
        for other in runs[2:]:
            np.testing.assert_array_equal(other.layer_density[name], share)


def test_what_a_result_says_of_density_is_of_its_end(parent: Run, store: Store) -> None:
    (thinned,) = train(store, parent)
    np.testing.assert_allclose(thinned.metrics["density"][-1], mask_rules.density(thinned.end_masks))
    assert thinned.masks is None, "it began with all"
    assert store.verify() == []


def test_connections_are_counted_in_the_masks_of_the_end(parent: Run, store: Store) -> None:
    question = InputConnections(parent)
    results = compute([parent, question], store, train=True, progress=False)
    kept = results[parent].end_masks["fc1.weight"].sum(1)
    np.testing.assert_array_equal(results.answer(question)["connections"].reshape(3, -1), kept)


def test_weights_at_the_end_are_the_network_s_and_zero_where_they_are_masked(parent: Run, store: Store) -> None:
    train(store, parent)
    engine = Engine(store, "cpu", 60, False, train=False)
    params, _ = engine.weights(parent)
    assert params.keys() == tiny.weights_of(parent.setting)[0].keys()
    assert mask_rules.violations(params, engine.end_masks(parent)) == 0
    (goes_on,) = train(store, replace(child(parent), ticket=replace(child(parent).ticket, weights=Final(parent))))
    assert np.isfinite(goes_on.metrics["valid_loss"]).all()


@pytest.mark.parametrize("without", ["weights", "masks of the end"])
def test_end_masks_are_had_from_the_result_or_from_the_weights(
    without: str, parent: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (thinned,) = train(store, parent)
    expected = thinned.end_masks
    if without == "weights":
        store.weights(parent.digest).unlink()
    else:
        monkeypatch.setattr(Store, "read_end_masks", lambda self, run: None)
    found = Engine(store, "cpu", 60, False, train=False).end_masks(parent)
    assert tiny.same_tree(found, expected)


def test_a_run_that_keeps_its_masks_ends_with_those(store: Store) -> None:
    dense = Run(setting(), seeds=SEEDS)
    ticket = child(dense)
    first, second = train(store, dense, ticket)
    assert tiny.same_tree(second.end_masks, second.masks)
    assert [path.name for path in (first.folder, second.folder) if (path / "end_masks.npz").exists()] == []


def test_altered_end_masks_are_found(parent: Run, store: Store) -> None:
    (thinned,) = train(store, parent)
    other = {name: torch.ones_like(mask) for name, mask in thinned.end_masks.items()}
    np.savez(thinned.folder / "end_masks.npz", **mask_rules.pack(other))
    rehash(thinned.folder)
    assert any("the mask of fc1.weight has density" in fault for fault in store.verify())


def test_an_interrupted_one_ends_the_same(
    parent: Run, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiny.store(tmp_path / "whole")
    train(whole, parent)
    keep: Callable = Engine._keep

    def stop(*arguments: object) -> None:
        keep(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(Engine, "_keep", stop)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                compute([parent], store, train=True, progress=False, checkpoint_every=0)
    train(store, parent)
    assert tiny.same_result(parent, whole, store)
    assert tiny.same_tree(whole.read(parent).end_masks, store.read(parent).end_masks)


@pytest.mark.parametrize("dynamics", [SET(every=4, until=24), RigL(every=4, until=24)], ids=["SET", "RigL"])
def test_sparse_training_from_a_random_mask_ends_with_a_ticket_of_the_same_layer_densities(
    dynamics: Regrowing, store: Store
) -> None:
    erk = Pruned(Run(setting(), until=0, seeds=SEEDS), Pruner(Random(), scope=ERK()), density=0.3)
    static = Run(setting(), Ticket(erk), seeds=SEEDS)
    found = Run(setting(dynamics=dynamics), Ticket(erk), seeds=SEEDS)
    ticket = Run(setting(), Ticket(Kept(found)), seeds=SEEDS)
    control, regrown, *_ = train(store, static, found, ticket, reinitialised(ticket))
    assert not tiny.same_tree(regrown.end_masks, control.masks), "with which it began"
    engine = Engine(store, "cpu", 60, False, train=False)
    for one in (ticket, reinitialised(ticket)):
        assert tiny.same_tree(engine.end_masks(one), regrown.end_masks)
    for name, share in control.layer_density.items():
        np.testing.assert_array_equal(regrown.layer_density[name], share)
    np.testing.assert_allclose(regrown.metrics["density"], 0.3, atol=1e-3)
    assert store.verify() == []
