"""Where masks are replaced a training stays exact: on each kernel, resumed anywhere, each replicate apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
from replaced import EACH, GRADUAL, REGROWING, Swap, sparse, training
from tiny import KERNELS, SEEDS

from lth_lib import masks as mask_rules
from lth_lib.pruning.dynamics import Dynamics, Gradual
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.results import checkpoint
from lth_lib.results.store import Place
from lth_lib.training.train import Trainer


@EACH
@pytest.mark.parametrize("kind", KERNELS)
def test_what_is_pruned_meanwhile_stays_zero(kind: str, dynamics: Dynamics, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    done = tiny.finish(training(dynamics, sparse()))
    done.check()
    state = done.state
    assert all((state.params[name] != 0)[mask].any() for name, mask in state.masks.items())
    assert mask_rules.violations(state.best, state.masks) == 0, "the best weights have the masks of the end"


@EACH
def test_every_kernel_takes_the_steps_of_the_general_one(dynamics: Dynamics, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = {}
    for kind in KERNELS:
        with monkeypatch.context() as patch:
            tiny.use_kernel(kind, patch)
            ends[kind] = tiny.finish(training(dynamics, sparse()))
    for kind in KERNELS:
        for name, mask in ends["lifted"].state.masks.items():
            assert torch.equal(ends[kind].state.masks[name], mask), name
        np.testing.assert_allclose(
            tiny.columns(ends[kind])["valid_loss"], tiny.columns(ends["lifted"])["valid_loss"], rtol=1e-4
        )


UNITS = replace(GRADUAL, pruner=Pruner(granularity=Unit()), density=0.5)


SOME = [GRADUAL, Swap(every=10, until=20), UNITS, *REGROWING]


@pytest.mark.parametrize("dynamics", SOME, ids=["weights", "swapped", "units", "SET", "RigL"])
@pytest.mark.parametrize("stop", [10, 20, 30])
def test_resumed_anywhere_it_is_the_same_training(dynamics: Dynamics, stop: int, place: Place) -> None:
    masks = sparse()
    whole = tiny.finish(training(dynamics, masks))
    first = training(dynamics, masks)
    while first.state.step < stop:
        first.advance(40)
    checkpoint.take(place / "run", first.state)
    again = training(dynamics, masks)
    assert checkpoint.resume(place / "run", again.state)
    again = tiny.finish(Trainer(again.setting, SEEDS, "", again.state))
    for tree in ("params", "masks", "best", "top"):
        assert tiny.same_tree(getattr(whole.state, tree), getattr(again.state, tree)), tree
    np.testing.assert_array_equal(tiny.columns(whole)["valid_loss"], tiny.columns(again)["valid_loss"])


@pytest.mark.parametrize("kind", KERNELS)
def test_what_grows_begins_at_zero_without_a_past(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    masks = sparse()
    grown = training(Swap(every=10, until=10), masks)
    grown.advance(40)
    grown._replace(grown.setting.recipe.dynamics, 10)
    state = grown.state
    for tree in (state.params, state.slots["exp_avg"], state.slots["exp_avg_sq"]):
        assert all(not tree[name].any() for name in masks), "all that grew was masked, and all else is gone"


def test_the_best_network_is_one_after_the_last_replacement() -> None:
    done = tiny.finish(training(Gradual(every=10, until=20, density=0.05)))
    assert (done.state.best_step > 20).all()
    assert (done.state.top_step > 20).all()


def test_nothing_changes_where_nothing_is_due() -> None:
    plain, late = tiny.finish(tiny.trainer(tiny.setting())), training(Swap(every=20, until=20))
    late.advance(40)
    late.advance(40)
    np.testing.assert_array_equal(tiny.columns(plain)["valid_loss"][:3], tiny.columns(late)["valid_loss"])


@EACH
def test_replicates_do_not_touch_each_other(dynamics: Dynamics) -> None:
    masks = sparse()
    together = tiny.finish(training(dynamics, masks))
    own = {name: mask[1:2] for name, mask in masks.items()}
    alone = tiny.finish(tiny.trainer(tiny.setting(dynamics=dynamics), own, seeds=(1,)))
    for name, mask in alone.state.masks.items():
        assert torch.equal(together.state.masks[name][1], mask[0])
