"""A density is met exactly however many rounds lead to it; what is left between falls geometrically."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import tiny
import torch
from tiny import SEEDS, same_tree, setting

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.criteria import SNIP, Criterion, GraSP, Magnitude, Random, Subject, SynFlow, Taylor
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import towards
from lth_lib.pruning.scope import Global, Layerwise, Scope
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError

GIVEN = replace(setting(), model=LeNet((16, 5)))
SEEN: list[Masks] = []


class Watching(Criterion):
    """Scores by chance, and notes the masks of each round."""

    def score(self, given: Subject) -> Tree:
        SEEN.append(given.masks)
        return Random().score(given)


@pytest.mark.parametrize("criterion", [Magnitude(), Random(), SNIP(20), SynFlow()], ids=str)
@pytest.mark.parametrize("scope", [Global(), Layerwise()], ids=str)
def test_a_density_is_met_to_the_weight(scope: Scope, criterion: Criterion) -> None:
    given = tiny.subject(GIVEN)
    masks = Pruner(criterion, scope=scope).prune_to(given, 0.07, rounds=50)
    sizes = {name: mask[0].numel() for name, mask in masks.items()}
    if isinstance(scope, Global):
        kept = torch.cat([mask.flatten(1) for mask in masks.values()], 1).sum(1)
        assert kept.tolist() == [round(0.07 * sum(sizes.values()))] * len(SEEDS)
    else:
        for name, mask in masks.items():
            assert mask.flatten(1).sum(1).tolist() == [round(0.07 * sizes[name])] * len(SEEDS)


def test_rates_of_survivors_drift_where_a_density_does_not() -> None:
    given, rounds = tiny.subject(GIVEN), 100
    drifted = Pruner().prune(given, 1 - 0.07 ** (1 / rounds), rounds)
    met = Pruner().prune_to(given, 0.07, rounds)
    assert drifted["out.weight"][0].sum() > 2 * met["out.weight"][0].sum(), "of 20 weights no round takes half of one"


@pytest.mark.parametrize("scope", [Global(), Layerwise()], ids=str)
def test_rounds_are_nested_and_geometric(scope: Scope) -> None:
    SEEN.clear()
    end = Pruner(Watching(), scope=scope).prune_to(tiny.subject(GIVEN), 0.1, rounds=5)
    for before, after in pairwise([*SEEN, end]):
        assert all((after[name] <= before[name]).all() for name in before)
    densities = [mask_rules.density(masks)[0] for masks in [*SEEN, end]]
    np.testing.assert_allclose(densities, 0.1 ** (np.arange(6) / 5), atol=2e-3)


@pytest.mark.parametrize("criterion", [Random(), SNIP(20), GraSP(20), Taylor(20), SynFlow()], ids=str)
def test_permuting_the_replicates_permutes_their_masks(criterion: Criterion) -> None:
    order, pruner = [2, 0, 1], Pruner(criterion, scope=Global())
    masks = pruner.prune_to(tiny.subject(GIVEN), 0.1, rounds=3)
    other = pruner.prune_to(tiny.subject(GIVEN, seeds=tuple(SEEDS[row] for row in order)), 0.1, rounds=3)
    assert same_tree(other, {name: mask[order] for name, mask in masks.items()})
    assert not torch.equal(masks["fc1.weight"][0], masks["fc1.weight"][1])


def test_where_scores_do_not_change_rounds_do_not_either() -> None:
    given, pruner = tiny.subject(GIVEN), Pruner(scope=Global())
    at_once = pruner.prune_to(given, 0.2)
    assert same_tree(pruner.prune_to(given, 0.2, rounds=30), at_once)
    assert same_tree(pruner.prune(given, 0.8), at_once)


def test_a_density_is_of_the_whole_network_whatever_it_begins_from() -> None:
    pruner = Pruner(scope=Global())
    given = tiny.subject(GIVEN, tiny.random_masks(GIVEN, 0.5))
    masks = pruner.prune_to(given, 0.1, rounds=3)
    np.testing.assert_allclose(mask_rules.density(masks), 0.1, atol=1e-3)
    assert all((masks[name] <= given.masks[name]).all() for name in masks)


def test_a_factor_multiplies_what_goes_and_only_leaves_the_rest_whole() -> None:
    given = tiny.subject(GIVEN)
    half = Pruner(scope=Layerwise((("out", 0.5),))).prune_to(given, 0.2, rounds=10)
    assert [mask[0].float().mean().item() for mask in half.values()] == pytest.approx([0.2, 0.2, 0.6], abs=1e-3)
    only = Pruner(scope=Global("fc")).prune_to(given, 0.2, rounds=10)
    assert only["out.weight"].all()
    assert mask_rules.density({name: only[name] for name in ("fc1.weight", "fc2.weight")}) == pytest.approx(
        0.2, abs=1e-3
    )


def test_a_replicate_whose_scores_are_no_numbers_keeps_its_count_and_the_others_their_masks() -> None:
    given = tiny.subject(GIVEN)
    broken = {name: weight.clone() for name, weight in given.weights.items()}
    for weight in broken.values():
        weight[1] = torch.nan
    sound, sick = (Pruner().prune_to(one, 0.1, rounds=7) for one in (given, replace(given, weights=broken)))
    for name, mask in sick.items():
        assert torch.equal(mask[[0, 2]], sound[name][[0, 2]])
        assert mask[1].sum() == sound[name][1].sum()


@pytest.mark.parametrize("density", [0.0, 1.0, -0.1, 0.5])
def test_a_density_that_cannot_be_met_is_refused(density: float) -> None:
    with pytest.raises(SpecError, match=f"density was {density}"):
        Pruner().prune_to(tiny.subject(GIVEN, tiny.random_masks(GIVEN, 0.6)), density)


def test_replicates_of_unlike_densities_have_no_one_rate() -> None:
    masks = tiny.ones(GIVEN)
    masks["fc1.weight"][0] = False
    with pytest.raises(SpecError, match="one for all replicates"):
        Pruner().prune_to(tiny.subject(GIVEN, masks), 0.1)


def test_the_rates_end_where_the_density_is() -> None:
    assert towards(0.25, 2) == [0.5, 0.75]
    assert towards(0.1, 1) == [0.9]
