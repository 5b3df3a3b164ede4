"""A dynamics replaces masks as its paper does, by hand and when it trains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
from replaced import GRADUAL, REGROWING, sparse, training

from lth_lib import masks as mask_rules
from lth_lib.experiments.run import Run
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics import SET, Gradual, RigL
from lth_lib.pruning.dynamics.regrowing import Regrowing, regrown
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError
from lth_lib.training.rehearsal import try_dynamics


def test_the_cubic_curve_by_hand() -> None:
    one = Gradual(every=10, until=110, density=0.2, first=10)
    assert one.at(0) == one.at(10) == 1
    assert one.at(60) == pytest.approx(0.2 + 0.8 * 0.5**3)
    assert one.at(110) == one.at(500) == pytest.approx(0.2)


def test_gradual_pruning_ends_at_its_density_and_only_shrinks() -> None:
    done = tiny.finish(training())
    curve = tiny.columns(done)["density"]
    assert (np.diff(curve, axis=0) <= 0).all()
    assert curve[0] == pytest.approx([1.0] * 3)
    sizes = {name: mask[0].numel() for name, mask in done.state.masks.items()}
    for name, share in mask_rules.layer_density(done.state.masks).items():
        np.testing.assert_allclose(share, 0.2, atol=0.5 / sizes[name], err_msg="half a weight in all")


def test_the_smallest_go_and_of_all_that_is_gone_then_the_most_promising_grow() -> None:
    """Two of four go, .1 and .2; what went last may grow again, what stays is not asked, and ties go to the first."""
    size = torch.tensor([[0.5, 0.1, 0.3, 0.2, 0.0, 0.0]])
    mask = torch.tensor([[True, True, True, True, False, False]])
    promise = torch.tensor([[9.0, 5.0, 9.0, 1.0, 7.0, 5.0]])
    assert regrown(size, mask, promise, 0.5).tolist() == [[True, True, True, False, True, False]]
    assert regrown(size, mask, promise, 0.25).tolist() == [[True, False, True, True, True, False]]
    assert torch.equal(regrown(size, mask, promise, 0.1), mask), "floor(0.1 * 4 + 1/2) is none"


class Linear:
    """A probe whose loss is c w m, so that a gradient is c m; it remembers what examples were drawn for."""

    def __init__(self, slope: list[float]) -> None:
        self.slope, self.drawn = torch.tensor([slope]), []

    def examples(self, count: int, *purpose: int | str) -> tuple[torch.Tensor, torch.Tensor]:
        self.drawn.append((count, *purpose))
        return torch.zeros(1, count), torch.zeros(1, count)

    def loss(self, params: Tree, masks: Tree, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (self.slope * params["a.weight"] * masks["a.weight"]).sum(1)


def test_rigl_grows_the_largest_gradient_of_the_dense_weights_by_hand() -> None:
    weights = {"a.weight": torch.tensor([[3.0, -1.0, 0.0, 0.0]])}
    masks = {"a.weight": torch.tensor([[True, True, False, False]])}
    probe = Linear([8.0, 1.0, 2.0, -5.0])
    subject = Subject(weights, masks, (), (0,), params=weights, probe=probe)
    rigl = RigL(every=2, until=8, fraction=0.6, batch=3)
    assert rigl.replace(masks, subject, 2)["a.weight"].tolist() == [[True, False, False, True]]
    assert torch.equal(rigl.replace(masks, subject, 8)["a.weight"], masks["a.weight"]), "at last nothing is replaced"
    assert probe.drawn == [(3, "grow", 2), (3, "grow", 8)]


def test_the_cosine_of_rigl_by_hand() -> None:
    one = RigL(every=1, until=100)
    assert [one.share(step) for step in (0, 50, 100)] == pytest.approx([0.3, 0.15, 0.0])
    assert one.share(25) == pytest.approx(0.15 * (1 + 0.5**0.5))
    assert {SET(every=1, until=100).share(step) for step in (1, 50, 100)} == {0.3}


@pytest.mark.parametrize("dynamics", REGROWING, ids=lambda one: type(one).__name__)
def test_layers_keep_their_counts_and_not_their_weights(dynamics: Regrowing) -> None:
    begun = sparse()
    done = training(dynamics, begun)
    for until in (10, 20, 30, 40):
        before = done.state.masks
        done.advance(until)
        for name, mask in done.state.masks.items():
            assert torch.equal(mask.flatten(1).sum(1), begun[name].flatten(1).sum(1)), name
        assert torch.equal(done.state.masks["fc1.weight"], before["fc1.weight"]) == (until == 40)


def test_what_grows_by_chance_is_another_at_each_step_and_in_each_layer_and_replicate() -> None:
    given, one = tiny.subject(tiny.setting(), sparse()), SET(every=1, until=10)
    first, second = (one.promise(given, step)["fc1.weight"] for step in (1, 2))
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])
    other = one.promise(given, 1)["fc2.weight"].flatten()
    assert not torch.equal(first[0].flatten()[:10], other[:10])


@pytest.mark.parametrize("dynamics", REGROWING, ids=lambda one: type(one).__name__)
def test_a_dense_network_is_refused_before_it_trains(dynamics: Regrowing) -> None:
    with pytest.raises(SpecError, match="grows weights that are gone, and this network is dense; begin with masks"):
        try_dynamics(tiny.setting(dynamics=dynamics), 0, "cpu", dense=True)


UNITS = replace(GRADUAL, pruner=Pruner(granularity=Unit()), density=0.5)


def test_whole_units_can_go_gradually() -> None:
    state = tiny.finish(training(UNITS)).state
    gone = ~state.masks["fc1.weight"].any(2)
    assert torch.equal(gone, ~state.masks["fc1.bias"]), "a unit takes its bias along, which had no mask before"
    assert gone.sum(1).tolist() == [8, 8, 8]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Gradual(every=0, until=10), "every was 0; it is a number of steps, 1 or more"),
        (lambda: Gradual(every=4, until=10), "until was 10; it is a multiple of every, 4"),
        (lambda: Gradual(every=4, until=8, density=1.0), "density was 1.0; it is kept weights over all"),
        (lambda: Gradual(every=4, until=8, first=8), "first was 8; it is a step before until, 8"),
        (lambda: SET(every=4, until=8, fraction=1.0), "fraction was 1.0; it is dropped weights over a layer's"),
        (lambda: RigL(every=4, until=8, batch=0), "batch was 0; it is a number of examples, 1 or more"),
        (lambda: Run(tiny.setting(dynamics=GRADUAL), until=20), "its masks are replaced until step 24, so it begins"),
        (
            lambda: Run(tiny.setting(dynamics=GRADUAL), start=10),
            "from step 10 to 40; its masks are replaced",
        ),
        (lambda: tiny.setting(dynamics=replace(GRADUAL, pruner=Pruner(scope=Global("conv")))), "only was 'conv'"),
        (lambda: tiny.setting(dynamics=Gradual(every=4, until=40)), "until step 40 of 40; the last replacement"),
    ],
)
def test_no_schedule_is_refused_in_a_sentence(make: object, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        make()


def test_a_recipe_without_dynamics_keeps_its_digest() -> None:
    given = tiny.setting().recipe
    assert replace(given, dynamics=None).digest == given.digest != replace(given, dynamics=GRADUAL).digest
    assert GRADUAL.pruner == Pruner()
