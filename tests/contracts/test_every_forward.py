"""What every forward and every dynamics must be, new ones included."""

from __future__ import annotations

import torch
from examples import every
from rows import ORDER, copy, permuted, rows_of, subject
from tiny import SEEDS, ones, random_masks, same_tree, setting, weights_of

from lth_lib.pruning.dynamics import Dynamics
from lth_lib.pruning.forward import Forward
from lth_lib.replicates import lift


@every(Forward)
def test_a_forward_gives_parameters_of_the_same_shapes_and_masks_what_is_pruned(value: Forward) -> None:
    network, _ = weights_of(setting())
    masks = random_masks(setting(), 0.5)
    params = network | value.beside({name: network[name] for name in masks}, SEEDS)
    before, factors = copy(params), {name: mask.float() for name, mask in masks.items()}
    lifted = lift(value.seen)
    seen = lifted(params, factors)
    assert {n: p.shape for n, p in seen.items()} == {n: p.shape for n, p in network.items()}
    assert same_tree(params, before)
    assert same_tree(lifted(permuted(params), permuted(factors)), permuted(seen))
    assert all((seen[name][~mask] == 0).all() for name, mask in masks.items())


@every(Forward)
def test_a_forward_leaves_the_network_and_masks_of_what_it_let_the_loss_see(value: Forward) -> None:
    network, _ = weights_of(setting())
    masks = random_masks(setting(), 0.5)
    masked = {name: network[name] for name in masks}
    beside = value.beside(masked, SEEDS)
    assert not beside.keys() & network.keys()
    assert all(value.trains(name) for name in beside), "else it need not be kept"
    assert any(value.trains(name) for name in network | beside)
    assert same_tree(value.beside(permuted(masked), tuple(SEEDS[i] for i in ORDER)), permuted(beside))
    params, left = value.leaves(network | beside, masks)
    assert same_tree(params, network)
    assert value.remasks or same_tree(left, masks)
    factors = {name: mask.float() for name, mask in masks.items()}
    seen = lift(value.seen)(network | beside, factors)
    for name, mask in left.items():
        assert mask.dtype == torch.bool
        assert not (mask & ~masks[name]).any(), "what is masked is not seen"
        assert (seen[name][~mask] == 0).all()
        assert torch.equal(seen[name][mask], network[name][mask]), "and the rest is what it was"


@every(Dynamics)
def test_a_dynamics_gives_each_replicate_masks_of_its_own(value: Dynamics) -> None:
    given = subject(random_masks(setting(), 0.3))
    before = copy(given.weights), copy(given.masks)
    begun = ones(setting())
    new = value.replace(begun, given, value.every)
    assert {n: (m.shape, m.dtype) for n, m in new.items()} == {n: (m.shape, m.dtype) for n, m in given.masks.items()}
    assert same_tree(given.weights, before[0])
    assert same_tree(given.masks, before[1])
    assert same_tree(new, value.replace(begun, given, value.every)), "again it gives the same"
    for row in range(len(SEEDS)):
        own = {name: mask[row : row + 1] for name, mask in begun.items()}
        alone = value.replace(own, rows_of(given, [row]), value.every)
        assert same_tree(alone, {name: mask[row : row + 1] for name, mask in new.items()})


@every(Dynamics)
def test_a_dynamics_is_due_until_its_last_step_and_never_again(value: Dynamics) -> None:
    due = [step for step in range(3 * value.until) if value.due(step)]
    assert due == list(range(value.every, value.until + 1, value.every))
    steps, step = [], 0
    while (step := value.next(step)) <= value.until:
        steps.append(step)
    assert steps == due
