"""A run that cannot be is refused when it is written down, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import tiny
from made import GIVEN, chain, made
from tiny import SEEDS

from lth_lib import masks as mask_rules
from lth_lib.data import MNISTSample
from lth_lib.experiments.masks import Kept, Pruned, Shuffled
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import reinitialised, shuffled
from lth_lib.experiments.weights import Final
from lth_lib.models import LeNet
from lth_lib.pruning.criteria import SNIP, Criterion, Inverted, Random
from lth_lib.pruning.granularity import Channel, Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Layerwise, Neighbours
from lth_lib.spec import SpecError


@pytest.mark.parametrize("steps", [{"start": -1}, {"start": 41}, {"until": 41}, {"start": 20, "until": 10}])
def test_steps_out_of_range_are_refused(steps: dict[str, int]) -> None:
    with pytest.raises(SpecError, match="steps 0 to 40"):
        Run(GIVEN, seeds=SEEDS, **steps)


@pytest.mark.parametrize("kind", ["masks", "shuffled", "weights"])
def test_parents_of_other_seeds_or_another_network_are_refused(kind: str) -> None:
    def of(parent: Run) -> Ticket:
        pruned = Pruned(parent, Pruner(), 0.5)
        return {
            "masks": Ticket(pruned),
            "shuffled": Ticket(Shuffled(pruned)),
            "weights": Ticket(weights=Final(parent)),
        }[kind]

    assert Run(GIVEN, of(Run(GIVEN, seeds=SEEDS)), seeds=SEEDS)
    with pytest.raises(SpecError, match=r"seeds \(0, 1, 2\) is made from one with seeds \(0, 2, 1\)"):
        Run(GIVEN, of(Run(GIVEN, seeds=(0, 2, 1))), seeds=SEEDS)
    with pytest.raises(SpecError, match="cannot be trained in"):
        Run(GIVEN, of(Run(replace(GIVEN, model=LeNet((16, 9))), seeds=SEEDS)), seeds=SEEDS)


@pytest.mark.parametrize("seeds", [(), (0, 0), (0, -1), [0, 1], (0.5,)])
def test_seeds_that_are_none_are_refused(seeds: tuple[int, ...]) -> None:
    with pytest.raises(SpecError, match="distinct whole numbers"):
        Run(GIVEN, seeds=seeds)


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"rate": 1.0}, {"rate": 0.5, "rounds": 0}])
def test_impossible_rates_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError):
        Pruned(Run(GIVEN), Pruner(), **wrong)


@pytest.mark.parametrize(
    "wrong", [{}, {"rate": 0.5, "density": 0.5}, {"density": 0.0}, {"density": 1.0}, {"density": 0.5, "rounds": 0}]
)
def test_a_rate_or_a_possible_density_is_given(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError, match=r"rate was None and|give one|density was|rounds was"):
        Pruned(Run(GIVEN), Pruner(), **wrong)


def test_a_density_is_met_at_one_level_by_masks_of_another_digest() -> None:
    dense = chain(0)[0]
    pruned = Pruned(dense, Pruner(), density=0.25, rounds=10)
    ticket = Run(GIVEN, Ticket(pruned), seeds=SEEDS)
    assert ticket.level == 1
    np.testing.assert_allclose(mask_rules.density(made(ticket)[0]), 0.25, atol=1e-3)
    other = [Pruned(dense, Pruner(), 0.75), Pruned(dense, Pruner(), density=0.25), Pruned(dense, Pruner(), density=0.3)]
    assert len({one.digest for one in (pruned, *other)}) == 4
    assert tiny.same_tree(made(shuffled(ticket))[1], made(ticket)[1])


def test_a_scope_is_asked_whether_the_density_can_be_met() -> None:
    with pytest.raises(SpecError, match="were to go"):
        Pruned(Run(GIVEN), Pruner(scope=Layerwise((("fc", 1.2),))), density=0.1)


def test_a_density_above_that_of_the_run_is_refused_before_its_parents_train() -> None:
    dense = Run(GIVEN, seeds=SEEDS)
    sparse = replace(dense, ticket=Ticket(Pruned(dense, Pruner(), density=0.3)))
    kept = replace(dense, ticket=Ticket(Kept(sparse)))
    for run, had in ((sparse, 0.3), (kept, 0.3), (chain(2)[-1], 0.25)):
        with pytest.raises(
            SpecError, match=f"density was 0.5, of a run that ends with {had} of its weights; give less"
        ):
            Pruned(run, Pruner(), density=0.5)
        assert Pruned(run, Pruner(), density=0.2)
    units = replace(dense, ticket=Ticket(Pruned(dense, Pruner(granularity=Unit()), 0.6)))
    assert Pruned(units, Pruner(), density=0.41), "whole units may leave more than the rate says"


@pytest.mark.parametrize("criterion", [SNIP(9_001), Inverted(SNIP(9_001))], ids=str)
def test_more_examples_than_train_are_refused_where_their_number_is_known(criterion: Criterion) -> None:
    dense = Run(replace(GIVEN, data=MNISTSample()), seeds=SEEDS)
    assert Pruned(dense, Pruner(SNIP(9_000)), 0.5)
    with pytest.raises(SpecError, match="9001 examples of MNISTSample, which has 9000 to train"):
        Pruned(dense, Pruner(criterion), 0.5)


def test_what_a_pruner_cannot_do_to_a_network_is_refused_before_anything_trains() -> None:
    with pytest.raises(SpecError, match="A factor names 'out', no layer or kind of what can go"):
        Pruned(Run(GIVEN), Pruner(granularity=Unit(), scope=Layerwise((("out", 0.5),))), 0.5)
    with pytest.raises(SpecError, match="are whole channels"):
        Pruned(Run(GIVEN), Pruner(granularity=Channel(), scope=Neighbours(4)), 0.5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: shuffled(chain()[1], "a/b"),
        lambda: reinitialised(chain()[1], "a/b"),
        lambda: replace(chain()[0], order="a/b"),
        lambda: Random("a/b"),
    ],
)
def test_a_salt_that_names_no_stream_is_refused_before_anything_is_drawn(make: Callable[[], object]) -> None:
    with pytest.raises(SpecError, match="was 'a/b'; a salt may hold any sign but '/'"):
        make()
