"""A chain of runs: each is pruned from the one before, and begins where it should."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import tiny
from made import GIVEN, Trained, chain, made
from tiny import SEEDS

from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.run import Dense, Initial, Run, Ticket
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.experiments.weights import Final
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import OneShot


def test_each_level_prunes_the_one_before_and_goes_back_to_the_start() -> None:
    runs = chain()
    assert [run.level for run in runs] == [0, 1, 2, 3]
    assert runs[0].ticket == Ticket(Dense(), Initial())
    for parent, run in pairwise(runs):
        assert run.ticket == Ticket(Pruned(parent, Pruner(), 0.5), Initial())
        assert run.ticket.parents() == (parent,)
        assert (run.start, run.stop, run.seeds, run.order) == (0, 40, SEEDS, "")


def test_masks_are_nested_and_halve_at_each_level() -> None:
    masks = [made(run)[0] for run in chain()]
    for before, after in pairwise(masks):
        assert all((after[name] <= before[name]).all() for name in before)
    np.testing.assert_allclose([mask_rules.density(m) for m in masks], [[0.5**k] * 3 for k in range(4)], atol=1e-3)


def test_a_ticket_begins_with_its_own_initial_weights() -> None:
    own, _ = tiny.weights_of(GIVEN)
    assert all(tiny.same_tree(made(run)[1], own) for run in chain())


def test_masks_are_of_the_weights_at_the_end_of_the_parent() -> None:
    dense, ticket = chain(1)
    end, _ = Trained().weights(dense)
    for name, mask in made(ticket)[0].items():
        for row in range(len(SEEDS)):
            size = end[name][row].abs()
            assert size[mask[row]].min() >= size[~mask[row]].max()


def test_one_shot_prunes_the_dense_run_alone_to_the_same_counts() -> None:
    runs = imp(GIVEN, Pruner(), OneShot(0.5, 3), seeds=SEEDS)
    assert [run.level for run in runs] == [0, 3]
    assert runs[1].ticket.parents() == (runs[0],)
    assert (mask_rules.density(made(runs[1])[0]) == mask_rules.density(made(chain()[-1])[0])).all()


def test_a_rewound_ticket_begins_at_its_step_with_the_weights_of_that_step() -> None:
    runs = chain(2, rewind=10)
    early = Run(GIVEN, until=10, seeds=SEEDS)
    assert [run.start for run in runs] == [0, 10, 10]
    assert [run.ticket.weights for run in runs[1:]] == [Final(early)] * 2
    assert set(runs[2].ticket.parents()) == {runs[1], early}
    assert tiny.same_tree(made(runs[2])[1], Trained().weights(early)[0])


def test_ancestors_come_parents_first_and_each_once() -> None:
    last = chain(3, rewind=10)[-1]
    found = list(last.ancestors())
    assert len(found) == len(set(found)) == 4
    assert last not in found
    for place, run in enumerate(found):
        assert set(run.ticket.parents()) <= set(found[:place])


def test_what_only_begins_another_training_is_counted_in_it() -> None:
    runs = chain(2, rewind=10)
    early = Run(GIVEN, until=10, seeds=SEEDS)
    assert early.begins(runs[0])
    assert not runs[0].begins(early)
    assert not early.begins(replace(runs[0], order="other"))
    assert runs[2].trainings() == runs, "the dense network's first ten steps are trained once"
    for drop, same in ((15, True), (10, True), (9, False)):
        recipe = replace(GIVEN.recipe, rate=replace(GIVEN.recipe.rate, drops=(drop,)))  # type: ignore[type-var]
        falling = replace(runs[0], setting=replace(GIVEN, recipe=recipe))
        assert early.begins(falling) is same, "the rate may fall once the shorter one has stopped"
    kept = Run(GIVEN, Ticket(Pruned(early, Pruner(), 0.2), Final(early)), until=0, seeds=SEEDS)
    assert kept.trainings() == [early, kept], "alone they count"


def test_a_long_chain_has_its_ancestors_too() -> None:
    assert len(list(chain(400)[-1].ancestors())) == 400


def test_a_run_that_keeps_anothers_masks_has_its_level_and_waits_for_it() -> None:
    ticket = chain(2)[-1]
    kept = Run(GIVEN, Ticket(Kept(ticket), Final(ticket)), seeds=SEEDS)
    assert tiny.same_tree(made(kept)[0], made(ticket)[0])
    assert (kept.level, kept.ticket.parents()) == (ticket.level, (ticket,))


def test_what_is_not_in_the_spec_of_a_ticket_does_not_change_its_digest() -> None:
    first, again = chain(2), chain(2)
    assert [run.digest for run in first] == [run.digest for run in again]
    everything = [*first, *(reinitialised(run) for run in first[1:]), *(shuffled(run) for run in first[1:])]
    assert len({run.digest for run in everything}) == len(everything)
