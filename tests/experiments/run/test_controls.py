"""Controls differ from their ticket in what they are to differ in, and in nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
from made import GIVEN, Thinned, Trained, chain, made
from tiny import SEEDS, ones

from lth_lib.experiments.masks import Kept, Pruned, Shuffled
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import reinitialised, shuffled
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.granularity import Channel, Granularity, Unit, pool
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Neighbours
from lth_lib.replicates import stream
from lth_lib.spec import SpecError


def test_re_initialised_weights_differ_in_every_layer_and_masks_are_the_same() -> None:
    ticket = chain(2)[-1]
    control = reinitialised(ticket)
    (masks, weights), (other_masks, other) = made(ticket), made(control)
    assert tiny.same_tree(masks, other_masks)
    for name in ones(GIVEN):
        assert (weights[name] != other[name]).float().mean() > 0.99
        assert not np.isin(weights[name], other[name]).any()
    assert (control.level, control.setting, control.seeds) == (ticket.level, ticket.setting, ticket.seeds)
    assert control.ticket.parents() == ticket.ticket.parents()
    assert not tiny.same_tree(made(reinitialised(ticket, "reinit-2"))[1], other)


def test_a_re_initialised_control_of_a_rewound_ticket_is_trained_whole() -> None:
    assert reinitialised(chain(1, rewind=10)[-1]).start == 0


def test_shuffled_masks_differ_in_every_layer_and_densities_and_weights_are_the_same() -> None:
    ticket = chain(2)[-1]
    control = shuffled(ticket)
    (masks, weights), (other_masks, other) = made(ticket), made(control)
    assert tiny.same_tree(weights, other)
    for name, mask in masks.items():
        changed = (mask != other_masks[name]).flatten(1).float().mean(1)
        assert (changed > 0.1).all(), "by chance two masks of density 1/4 differ in 3/8"
        assert torch.equal(mask.flatten(1).sum(1), other_masks[name].flatten(1).sum(1))
    assert not torch.equal(other_masks["fc1.weight"][0], other_masks["fc1.weight"][1])
    assert (control.level, control.start) == (ticket.level, ticket.start)
    assert not tiny.same_tree(made(shuffled(ticket, "shuffle-2"))[0], other_masks)


def test_single_weights_are_shuffled_by_the_permutation_of_their_stream() -> None:
    ticket = chain(2)[-1]
    masks, chance = made(ticket)[0], made(shuffled(ticket, "again"))[0]
    for name, mask in masks.items():
        for row, seed in enumerate(SEEDS):
            order = stream(seed, "shuffle", "again", name).permutation(mask[row].numel())
            assert torch.equal(chance[name][row].flatten(), mask[row].flatten()[torch.from_numpy(order)])


@pytest.mark.parametrize("granularity", [Unit(), Channel()])
def test_a_shuffled_ticket_of_whole_channels_is_of_whole_channels_whatever_is_masked_within(
    granularity: Granularity,
) -> None:
    dense = Run(GIVEN, seeds=SEEDS)
    first = replace(dense, ticket=Ticket(Pruned(dense, Pruner(), 0.5)))
    ticket = replace(dense, ticket=Ticket(Pruned(first, Pruner(granularity=granularity), 0.5)))
    masks, chance = made(ticket)[0], made(shuffled(ticket))[0]
    groups = granularity.groups(ticket.layers)
    changed = 0
    for (name, found), other in zip(pool(masks, groups).items(), pool(chance, groups).values(), strict=True):
        assert torch.equal(found.sort(1).values, other.sort(1).values), f"{name}: units look as they did, elsewhere"
        assert (found == 0).any()
        changed += int((found != other).any())
    assert changed == len(groups)
    for name, mask in masks.items():
        assert torch.equal(mask.flatten(1).sum(1), chance[name].flatten(1).sum(1))


def test_a_shuffled_ticket_of_neighbours_keeps_as_many_of_each_neighbourhood() -> None:
    dense = Run(GIVEN, seeds=SEEDS)
    ticket = replace(dense, ticket=Ticket(Pruned(dense, Pruner(scope=Neighbours(4)), 0.5)))
    masks, chance = made(ticket)[0], made(shuffled(ticket))[0]
    for name, mask in chance.items():
        assert (mask.unflatten(2, (-1, 4)).sum(3) == 2).all()
        assert not torch.equal(mask, masks[name])
        assert not torch.equal(mask[0], mask[1])


@pytest.mark.parametrize("granularity", [None, Unit()], ids=["single weights", "units"])
def test_masks_that_a_run_has_made_are_shuffled_by_what_it_kept_as_a_whole(granularity: Granularity | None) -> None:
    pruner = Pruner(granularity=granularity) if granularity else Pruner()
    thinned = replace(GIVEN, recipe=replace(GIVEN.recipe, dynamics=Gradual(10, 20, pruner=pruner)))
    kept = Run(GIVEN, Ticket(Kept(Run(thinned, seeds=SEEDS))), seeds=SEEDS)
    own = Pruned(Run(GIVEN, seeds=SEEDS), pruner, 0.5)
    finished = Thinned(own.make(kept, Trained()))
    masks, chance = (run.ticket.masks.make(run, finished) for run in (kept, shuffled(kept)))
    assert tiny.same_tree(chance, Shuffled(own).make(kept, finished)), "as those of the same pruner are"
    assert not tiny.same_tree(chance, masks)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: shuffled(chain()[0]), "masks are Dense was to be shuffled; give a run of Pruned or Kept masks"),
        (lambda: shuffled(Run(GIVEN, Ticket(Kept(chain()[0])), seeds=SEEDS)), "Masks that keep every weight were to"),
    ],
)
def test_what_has_nothing_to_shuffle_is_told_what_has(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        make()
