"""A ticket is what it says: its parents, its level, its masks and weights; controls differ where they must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import tiny
import torch
from tiny import SEEDS, ones, setting

from lth_lib import masks as mask_rules
from lth_lib.data import MNISTSample
from lth_lib.experiments.masks import Kept, Pruned, Shuffled
from lth_lib.experiments.run import Dense, Initial, MaskSpec, Run, Ticket
from lth_lib.experiments.studies import Study, imp, reinitialised, shuffled
from lth_lib.experiments.weights import Constant, Final, Signed
from lth_lib.masks import Masks
from lth_lib.models import LeNet, ResNet, initial
from lth_lib.pruning.criteria import SNIP, Criterion, Inverted, Random
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.granularity import Channel, Granularity, Unit, pool
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric, OneShot
from lth_lib.pruning.scope import Layerwise, Neighbours
from lth_lib.replicates import Tree, stream
from lth_lib.spec import SpecError

GIVEN = setting()


class Trained:
    """What stands for finished runs: weights drawn by a stream of the run, masks always made."""

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        params, statistics = tiny.weights_of(run.setting, run.seeds)
        rng = stream(0, "trained", run.digest)
        return {
            k: v + torch.from_numpy(rng.standard_normal(v.shape, dtype="f4")) for k, v in params.items()
        }, statistics

    def diverged(self, run: Run) -> torch.Tensor:
        return torch.zeros(len(run.seeds), dtype=torch.bool)

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return spec.make(run, self)

    def end_masks(self, run: Run) -> Masks:
        return self.masks(run.ticket.masks, run)


class Thinned(Trained):
    """Finished runs of which each ended with these masks."""

    def __init__(self, held: Masks) -> None:
        self.held = held

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return self.held


def made(run: Run) -> tuple[Masks, Tree]:
    return run.ticket.masks.make(run, Trained()), run.ticket.weights.make(run, Trained())[0]


def chain(levels: int = 3, rewind: int = 0) -> list[Run]:
    return imp(GIVEN, Pruner(), Geometric(0.5, levels), rewind=rewind, seeds=SEEDS)


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


def test_a_long_chain_has_its_ancestors_too() -> None:
    assert len(list(chain(400)[-1].ancestors())) == 400


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


def test_another_salt_is_another_initialisation_of_the_same_seeds() -> None:
    one, other = (initial(GIVEN.model, GIVEN.data.shape, 4, SEEDS, salt)[0] for salt in ("", "x"))
    assert not torch.equal(one["fc1.weight"], other["fc1.weight"])
    assert (one["fc1.bias"] == 0).all()


def test_constant_weights_are_the_deviation_of_each_layers_initialisation() -> None:
    for given in (GIVEN, replace(GIVEN, data=tiny.Colour(), model=ResNet(1))):
        params, statistics = Constant().make(Run(given, seeds=SEEDS), Trained())
        drawn, begun = tiny.weights_of(given)
        for name, value in params.items():
            if name in tiny.kinds_of(given):
                assert value.unique().numel() == 1
                own = drawn[name].std()
                assert value.flatten()[0] == pytest.approx(own, rel=5 / np.sqrt(value.numel()))
            else:
                assert torch.equal(value, drawn[name])
        assert tiny.same_tree(statistics, begun)
    weight = Constant().make(Run(GIVEN, seeds=SEEDS), Trained())[0]["fc1.weight"]
    assert weight[0, 0, 0].item() == pytest.approx((2 / (64 + 16)) ** 0.5)


def test_signs_come_from_the_one_and_magnitudes_and_the_rest_from_the_other() -> None:
    dense = chain(0)[0]
    run = Run(GIVEN, Ticket(weights=Signed(Final(dense), Initial("other"))), seeds=SEEDS)
    params, (signs, _) = made(run)[1], Trained().weights(dense)
    sizes, _ = initial(GIVEN.model, GIVEN.data.shape, 4, SEEDS, "other")
    for name, value in params.items():
        if name in ones(GIVEN):
            assert torch.equal(value.sign(), signs[name].sign())
            assert torch.equal(value.abs(), sizes[name].abs())
        else:
            assert torch.equal(value, sizes[name])
    assert run.ticket.parents() == (dense,)
    own = Signed(Initial(), Initial())
    assert tiny.same_tree(own.make(run, Trained())[0], tiny.weights_of(GIVEN)[0])


def test_a_signed_constant_has_two_values_in_a_layer() -> None:
    params = made(Run(GIVEN, Ticket(weights=Signed(Initial(), Constant())), seeds=SEEDS))[1]
    assert all(params[name].unique().numel() == 2 for name in ones(GIVEN))


def test_a_run_that_keeps_anothers_masks_has_its_level_and_waits_for_it() -> None:
    ticket = chain(2)[-1]
    kept = Run(GIVEN, Ticket(Kept(ticket), Final(ticket)), seeds=SEEDS)
    assert tiny.same_tree(made(kept)[0], made(ticket)[0])
    assert (kept.level, kept.ticket.parents()) == (ticket.level, (ticket,))


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


def test_a_run_of_a_series_that_a_study_has_not_is_refused() -> None:
    with pytest.raises(SpecError, match="the series 'winning ticket' of a study of 'dense'; name it among the series"):
        Study(("dense",)).ladder(chain())


def test_what_is_not_in_the_spec_of_a_ticket_does_not_change_its_digest() -> None:
    first, again = chain(2), chain(2)
    assert [run.digest for run in first] == [run.digest for run in again]
    everything = [*first, *(reinitialised(run) for run in first[1:]), *(shuffled(run) for run in first[1:])]
    assert len({run.digest for run in everything}) == len(everything)


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
