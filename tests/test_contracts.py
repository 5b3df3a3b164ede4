"""What every criterion, granularity, scope, schedule, forward, model and optimiser must be, new ones included."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest
import tiny
import torch
from tiny import SEEDS, Colour, kinds_of, layers_of, ones, random_masks, same_tree, setting, weights_of

import lth_lib
from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Initial, MaskSpec, Run, Ticket, WeightSpec
from lth_lib.experiments.weights import Constant, Final
from lth_lib.masks import Masks
from lth_lib.models import BatchNorm, Model, Transformer, initial
from lth_lib.pruning.criteria import OBS, SNIP, Criterion, Magnitude, Random, Solver, Subject
from lth_lib.pruning.dynamics import Dynamics
from lth_lib.pruning.forward import Forward
from lth_lib.pruning.granularity import Channel, Granularity, Unit, Weight, pool, spread
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Schedule
from lth_lib.pruning.scope import Neighbours, Scope
from lth_lib.replicates import Tree, lift, stream
from lth_lib.spec import Spec, SpecError, canonical_json
from lth_lib.training.recipe import LearningRate, Optimiser

for module in pkgutil.walk_packages(lth_lib.__path__, "lth_lib."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

DENSE_RUN = Run(setting(), seeds=SEEDS)
TICKET_RUN = replace(DENSE_RUN, ticket=Ticket(Pruned(DENSE_RUN, Pruner(), 0.5), Final(DENSE_RUN)))
SNIPPED = Pruner(SNIP(20))
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Layerwise": [{}, {"factors": (("out", 0.5),)}, {"factors": (("fc", 0.0), ("fc2", 1.5))}],
    "Global": [{}, {"only": "fc"}],
    "Unit": [{}, {"mean": False}],
    "Neighbours": [{}, {"of": 8}],
    "Random": [{}, {"salt": "again"}],
    "Inverted": [{"criterion": Magnitude()}, {"criterion": SNIP(batch=20)}],
    "SNIP": [{}, {"batch": 20}],
    "OBS": [{"batch": 50}, {"batch": 100, "damping": 1.0}],
    "LeNet": [{"hidden": (7, 5)}],
    "Conv": [{"pairs": 1, "hidden": (8,)}],
    "ResNet": [{"n": 1}],
    "Transformer": [{"tokens": 9, "width": 8, "depth": 1}],
    "Rate": [{"base": 0.1}, {"base": 1.0, "warmup": 3, "drops": (5,)}],
    "Selected": [{"rate": 0.2, "numbers": (2, 4)}],
    "Barrier": [
        {"one": DENSE_RUN, "other": replace(DENSE_RUN, order="again"), "points": 3},
        {"one": TICKET_RUN, "other": replace(TICKET_RUN, order="again"), "points": 4, "statistics": "recomputed"},
    ],
    "Pruned": [
        {"run": TICKET_RUN, "pruner": Pruner(), "rate": 0.5},
        {"run": DENSE_RUN, "pruner": SNIPPED, "density": 0.3},
    ],
    "Shuffled": [{"masks": Pruned(DENSE_RUN, Pruner(), 0.5)}, {"masks": Kept(TICKET_RUN)}],
    "Kept": [{"run": TICKET_RUN}],
    "Initial": [{}, {"salt": "again"}],
    "Final": [{"run": TICKET_RUN}],
    "Signed": [
        {"signs": Initial("signs"), "magnitudes": Constant()},
        {"signs": Initial(), "magnitudes": Final(TICKET_RUN)},
    ],
    "Solved": [{"pruned": Pruned(TICKET_RUN, Pruner(OBS(50)), 0.5)}],
    "InputConnections": [{"run": TICKET_RUN}],
    "InitialValues": [{"run": TICKET_RUN}, {"run": DENSE_RUN, "bins": 5}],
    "Gradual": [{"every": 4, "until": 8}, {"every": 5, "until": 20, "first": 5, "density": 0.4}],
    "SGD": [{}, {"momentum": 0.9, "weight_decay": 0.1}],
}
"""Fields of a class, where those it has by default are missing, too slow, or not all that matters."""

ORDER = [2, 0, 1]
AnySpec = TypeVar("AnySpec", bound=Spec)


def subclasses(base: type[Spec]) -> list[type[Spec]]:
    """Return the classes of the library that are a `base`, by name."""
    found = {base, *itertools.chain.from_iterable(subclasses(child) for child in base.__subclasses__())}
    return sorted((c for c in found if c.__module__.startswith("lth_lib.")), key=lambda c: c.__name__)


def examples(base: type[AnySpec]) -> list[AnySpec]:
    """Return at least one value of each concrete class."""
    concrete = [c for c in subclasses(base) if not inspect.isabstract(c)]
    return [c(**fields) for c in concrete for fields in EXAMPLES.get(c.__name__, [{}])]  # type: ignore[misc]


def every(base: type[Spec]) -> pytest.MarkDecorator:
    values = examples(base)
    assert values, f"there is no {base.__name__}"
    return pytest.mark.parametrize("value", values, ids=str)


def permuted(tree: Tree) -> Tree:
    return {name: tensor[ORDER] for name, tensor in tree.items()}


def copy(tree: Tree) -> Tree:
    return {name: tensor.clone() for name, tensor in tree.items()}


def subject(masks: Masks | None = None) -> Subject:
    return tiny.subject(setting(), masks, at=1)


def rows_of(given: Subject, rows: list[int]) -> Subject:
    """Return the subject of some of its replicates, in this order."""
    weights, masks, params = (
        {n: t[rows] for n, t in tree.items()} for tree in (given.weights, given.masks, given.params)
    )
    seeds = tuple(given.seeds[row] for row in rows)
    probe = replace(given.probe, seeds=seeds)
    return replace(given, weights=weights, masks=masks, params=params, seeds=seeds, probe=probe)


BASES = (
    Criterion,
    Granularity,
    Scope,
    Schedule,
    Dynamics,
    Forward,
    Model,
    Optimiser,
    LearningRate,
    Measurement,
    MaskSpec,
    WeightSpec,
)
ALL = pytest.mark.parametrize("one", subclasses(Spec), ids=lambda c: c.__name__)


@ALL
def test_a_spec_is_a_frozen_dataclass_with_a_docstring_of_its_own(one: type[Spec]) -> None:
    assert "__dataclass_params__" in vars(one), "it has the decorator of its own"
    assert vars(one)["__dataclass_params__"].frozen
    text = vars(one).get("__doc__") or ""
    assert text.split("\n")[0].endswith((".", ":")), "its docstring begins with a sentence"
    assert not text.startswith(f"{one.__name__}("), "its docstring is not the one a dataclass makes"


@ALL
def test_a_spec_is_abstract_or_final(one: type[Spec]) -> None:
    parents = [base for base in one.__mro__[1:] if base not in (Spec, object) and base.__module__.startswith("lth_lib")]
    assert all(inspect.isabstract(parent) for parent in parents)


def test_names_of_classes_differ_for_a_digest_holds_them() -> None:
    names = [one.__name__ for one in subclasses(Spec)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("value", [v for base in BASES for v in examples(base)], ids=str)
def test_equal_values_have_one_digest_and_unequal_ones_two(value: Spec) -> None:
    assert dataclasses.replace(value).digest == value.digest
    assert dataclasses.replace(value) == value
    assert canonical_json(value) == canonical_json(dataclasses.replace(value))
    others = [v for base in BASES for v in examples(base) if v != value]
    assert value.digest not in {other.digest for other in others}
    assert hash(value) == hash(dataclasses.replace(value))


@pytest.mark.parametrize(
    "value", [v for base in BASES for v in examples(base)] + [TICKET_RUN], ids=lambda v: type(v).__name__
)
def test_a_field_of_another_type_is_refused_by_name(value: Spec) -> None:
    for field in dataclasses.fields(value):
        with pytest.raises(SpecError, match=f"^{field.name} was "):
            dataclasses.replace(value, **{field.name: object()})


@every(Criterion)
def test_a_criterion_gives_each_weight_a_score(value: Criterion) -> None:
    given = subject(random_masks(setting(), 0.5))
    before = copy(given.weights), copy(given.masks)
    scores = value.score(given)
    assert {n: s.shape for n, s in scores.items()} == {n: w.shape for n, w in given.weights.items()}
    assert all(score.is_floating_point() and not score.isnan().any() for score in scores.values())
    assert same_tree(scores, value.score(given)), "scoring again gives the same"
    assert same_tree(given.weights, before[0])
    assert same_tree(given.masks, before[1])


@every(Criterion)
def test_a_criterion_scores_each_replicate_for_itself(value: Criterion) -> None:
    given = subject()
    other = rows_of(given, ORDER)
    scores, expected = value.score(other), permuted(value.score(given))
    for name, score in scores.items():
        torch.testing.assert_close(score, expected[name])


@every(Criterion)
def test_a_score_is_the_same_alone_beside_others_and_beside_one_that_diverged(value: Criterion) -> None:
    given = subject(random_masks(setting(), 0.5))
    scores, rows = value.score(given), range(len(SEEDS))
    for row in rows:
        alone = value.score(rows_of(given, [row]))
        assert same_tree(alone, {name: score[row : row + 1] for name, score in scores.items()})
    weights = copy(given.weights)
    for weight in weights.values():
        weight[1] = torch.nan
    beside = value.score(replace(given, weights=weights))
    for name, score in beside.items():
        assert torch.equal(score[[0, 2]], scores[name][[0, 2]])
        unread = torch.equal(score[1], scores[name][1])
        assert unread or score[1].isnan().all(), "it does not read weights, or finds none"


@every(Solver)
def test_a_solver_makes_up_for_what_goes_in_each_replicate_for_itself(value: Solver) -> None:
    given = subject(random_masks(setting(), 0.3))
    masks = Pruner(value).prune(given, 0.5)
    before = copy(given.weights), copy(masks)
    found = value.solve(given, masks)
    assert {n: (s.shape, s.dtype) for n, s in found.items()} == {n: (w.shape, w.dtype) for n, w in before[0].items()}
    assert mask_rules.violations(found, masks) == 0
    assert any((found[name] != given.weights[name] * mask).any() for name, mask in masks.items()), "it solves"
    assert same_tree(found, value.solve(given, masks)), "solving again gives the same"
    assert same_tree(given.weights, before[0])
    assert same_tree(masks, before[1])
    for row in range(len(SEEDS)):
        alone = value.solve(rows_of(given, [row]), {name: mask[row : row + 1] for name, mask in masks.items()})
        assert same_tree(alone, {name: weight[row : row + 1] for name, weight in found.items()})
    weights = copy(given.weights)
    for weight in weights.values():
        weight[1] = torch.nan
    beside = value.solve(replace(given, weights=weights), masks)
    for name, weight in beside.items():
        assert torch.equal(weight[[0, 2]], found[name][[0, 2]])
        assert weight[1][masks[name][1]].isnan().all()


class Trained:
    """Finished runs whose replicates are functions of their seeds, some of which diverged."""

    def __init__(self, *diverged: int) -> None:
        self.gone = diverged

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        params, statistics = weights_of(run.setting, run.seeds)
        for value in params.values():
            value[self.diverged(run)] = torch.nan
        return params, statistics

    def diverged(self, run: Run) -> torch.Tensor:
        return torch.tensor([seed in self.gone for seed in run.seeds])

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return random_masks(run.setting, 0.5, run.seeds)

    def end_masks(self, run: Run) -> Masks:
        return self.masks(run.ticket.masks, run)


def reseeded(value: Any, seeds: tuple[int, ...]) -> Any:
    """Return a spec in which every run has these seeds."""
    if isinstance(value, tuple):
        return tuple(reseeded(one, seeds) for one in value)
    if not isinstance(value, Spec):
        return value
    fields = {field.name: reseeded(getattr(value, field.name), seeds) for field in dataclasses.fields(value)}
    return replace(value, **(fields | {"seeds": seeds} if isinstance(value, Run) else fields))


@every(Measurement)
def test_an_answer_is_the_same_alone_beside_others_and_beside_one_that_diverged(value: Measurement) -> None:
    answer, beside = value.answer(Trained()), value.answer(Trained(SEEDS[1]))
    assert answer
    for row, seed in enumerate(SEEDS):
        alone = reseeded(value, (seed,)).answer(Trained())
        assert alone.keys() == answer.keys()
        for name, found in answer.items():
            assert len(found) == len(SEEDS)
            np.testing.assert_array_equal(alone[name][0], found[row])
            np.testing.assert_array_equal(
                beside[name][row], np.full_like(found[row], np.nan) if row == 1 else found[row]
            )


@every(MaskSpec)
def test_masks_are_made_for_each_replicate_and_say_what_they_are_made_from(value: MaskSpec) -> None:
    run = Run(setting(), Ticket(value), seeds=SEEDS)
    masks = value.make(run, Trained())
    mask_rules.check(masks, weights_of(setting())[0])
    assert masks.keys() == run.kinds.keys()
    seeds = tuple(SEEDS[row] for row in ORDER)
    moved = reseeded(value, seeds).make(reseeded(run, seeds), Trained())
    assert same_tree(moved, permuted(masks))
    assert value.level == run.level >= 0
    assert all(isinstance(one, MaskSpec) and one.level <= value.level for one in value.sources)
    assert set(value.parents()) <= set(run.ancestors())
    assert not value.found or value.parents(), "what is found is found in a run"


@every(WeightSpec)
def test_weights_are_made_for_each_replicate_and_what_they_are_made_from_is_left_alone(value: WeightSpec) -> None:
    run, finished = Run(setting(), Ticket(weights=value), seeds=SEEDS), Trained()
    params, statistics = value.make(run, finished)
    expected = weights_of(setting())
    for tree, other in zip((params, statistics), expected, strict=True):
        assert {n: (t.shape, t.dtype) for n, t in tree.items()} == {n: (t.shape, t.dtype) for n, t in other.items()}
    seeds = tuple(SEEDS[row] for row in ORDER)
    assert same_tree(reseeded(value, seeds).make(reseeded(run, seeds), finished)[0], permuted(params))
    assert set(value.parents()) <= set(run.ancestors())


@every(LearningRate)
def test_a_learning_rate_is_a_number_above_zero_at_every_step(value: LearningRate) -> None:
    rates = [value.at(step) for step in range(10)]
    assert rates == [value.at(step) for step in range(10)]
    assert all(0 < rate < float("inf") for rate in rates)


def drawn(like: Tree, share: float, purpose: str) -> Masks:
    """Return truth values of the shapes of tensors, by chance: of each replicate its own."""
    shapes = {name: tensor.shape for name, tensor in like.items()}
    return {
        n: torch.from_numpy(stream(0, "contracts", purpose, n).random(shape) < share) for n, shape in shapes.items()
    }


@every(Granularity)
@pytest.mark.parametrize("model", examples(Model), ids=lambda model: type(model).__name__)
def test_a_granularity_divides_parameters_into_groups_of_equally_many_entries(value: Granularity, model: Model) -> None:
    shape, _ = inputs(model)
    layers = model.layers(shape, Colour.classes)
    params, _ = initial(model, shape, Colour.classes, (0,), device="meta")
    sets, groups = value.sets(layers), value.groups(layers)
    assert [*sets] == [*groups]
    named = [part for parts in groups.values() for part in parts]
    assert len(set(named)) == len(named), "no parameter is in two sets"
    for name, parts in groups.items():
        count = torch.Size(sets[name].shape).numel()
        for part, ids in parts.items():
            assert ids.shape == params[part].shape[1:]
            assert (ids.flatten().bincount(minlength=count) == ids.numel() // count).all()
    assert {f"{layer.name}.weight" for layer in layers} & set(named)


@every(Granularity)
def test_to_pool_what_was_spread_gives_it_back(value: Granularity) -> None:
    groups, params = value.groups(layers_of(setting())), weights_of(setting())[0]
    sizes = pool({name: torch.ones_like(p, dtype=torch.bool) for name, p in params.items()}, groups)
    assert {name: size.shape[1:] for name, size in sizes.items()} == {
        name: torch.Size(one.shape) for name, one in value.sets(layers_of(setting())).items()
    }
    kept = drawn(sizes, 0.5, "kept")
    masks = spread(kept, groups)
    mask_rules.check(masks, params)
    assert same_tree(pool(masks, groups), {name: size * kept[name] for name, size in sizes.items()})
    assert same_tree({n: size > 0 for n, size in pool(masks, groups).items()}, kept)


@every(Granularity)
def test_a_granularity_pools_each_replicate_for_itself(value: Granularity) -> None:
    given, groups = subject(), value.groups(layers_of(setting()))
    pooled = pool(given.weights, groups)
    assert same_tree(pool(permuted(given.weights), groups), permuted(pooled))
    alone = {name: weight[1:2] for name, weight in given.weights.items()}
    assert same_tree(pool(alone, groups), {name: score[1:2] for name, score in pooled.items()})
    kept = {name: score > 0 for name, score in pooled.items()}
    assert same_tree(spread(permuted(kept), groups), permuted(spread(kept, groups)))


def possible(granularity: Granularity, scope: Scope) -> bool:
    try:
        Pruner(granularity=granularity, scope=scope).check(layers_of(setting()), 0.5)
    except SpecError:
        return False
    return True


PAIRS = [(g, s) for g in examples(Granularity) for s in examples(Scope) if possible(g, s)]


@pytest.mark.parametrize(("granularity", "scope"), PAIRS, ids=str)
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_what_goes_goes_as_a_whole_and_is_never_more_than_its_rate(
    granularity: Granularity, scope: Scope, rate: float
) -> None:
    before = subject(Pruner(Random("once"), granularity).prune(subject(), 0.3))
    masks = Pruner(Random(), granularity, scope).prune(before, rate)
    groups = granularity.groups(before.layers)
    sizes, left = (pool({n: tree[n] for n in before.weights}, groups) for tree in (before.masks, masks))
    whole = pool(masks, groups)
    every_entry = pool({name: torch.ones_like(mask) for name, mask in masks.items()}, groups)
    for name, size in left.items():
        assert ((whole[name] == 0) | (whole[name] == every_entry[name])).all(), "no group is kept in part"
        assert ((size == 0) | (size == sizes[name])).all()
    assert all((mask <= before.masks.get(name, mask)).all() for name, mask in masks.items())
    had, now = (sum(tree[name][0].sum() for name in tree) for tree in (sizes, left))
    neighbourhoods = had / 2 if isinstance(scope, Neighbours) else len(sizes)
    assert 0 < had - now <= 1.5 * rate * had + 0.5 * neighbourhoods


@pytest.mark.parametrize(("granularity", "scope"), PAIRS, ids=str)
def test_a_pruned_replicate_depends_on_its_own_seed_only(granularity: Granularity, scope: Scope) -> None:
    pruner, given = Pruner(Random(), granularity, scope), subject()
    masks = pruner.prune(given, 0.5, rounds=2)
    for row in range(len(SEEDS)):
        alone = pruner.prune(rows_of(given, [row]), 0.5, rounds=2)
        assert same_tree(alone, {name: mask[row : row + 1] for name, mask in masks.items()})


def chosen(value: Scope, scores: Tree, masks: Masks, rate: float = 0.5) -> Masks:
    return value.keep(scores, masks, kinds_of(setting()), rate)


@every(Scope)
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_a_scope_removes_and_never_revives(value: Scope, rate: float) -> None:
    given = subject(random_masks(setting(), 0.3))
    scores = {name: weight.abs() for name, weight in given.weights.items()}
    before = copy(scores), copy(given.masks)
    kept = chosen(value, scores, given.masks, rate)
    assert kept.keys() == given.masks.keys()
    for name, mask in kept.items():
        assert mask.dtype == torch.bool
        assert mask.shape == given.masks[name].shape
        assert (given.masks[name] | ~mask).all()
    left, had = (sum(int(mask[0].sum()) for mask in masks.values()) for masks in (kept, given.masks))
    assert had * (1 - 1.5 * rate) - 1 <= left < had
    assert same_tree(kept, chosen(value, scores, given.masks, rate)), "choosing again gives the same"
    assert same_tree(scores, before[0])
    assert same_tree(given.masks, before[1])


@every(Scope)
def test_a_scope_chooses_for_each_replicate(value: Scope) -> None:
    given = subject()
    scores = {name: weight.abs() for name, weight in given.weights.items()}
    kept = chosen(value, scores, given.masks)
    assert same_tree(chosen(value, permuted(scores), permuted(given.masks)), permuted(kept))


@every(Scope)
def test_a_scope_keeps_what_scores_highest_of_each_part(value: Scope) -> None:
    given = subject()
    scores = {name: weight.abs() for name, weight in given.weights.items()}
    for name, mask in chosen(value, scores, given.masks).items():
        parts = value.parts(tuple(mask.shape[1:]))
        assert parts.shape == mask.shape[1:]
        for row, score in enumerate(scores[name]):
            worst = torch.full((int(parts.max()) + 1,), torch.inf).scatter_reduce_(
                0, parts[mask[row]], score[mask[row]], "amin"
            )
            assert (score[~mask[row]] <= worst[parts[~mask[row]]]).all()


@every(Schedule)
def test_a_schedule_is_possible_levels(value: Schedule) -> None:
    assert value.levels() == value.levels()
    assert len(value.levels()) > 0
    for rate, rounds in value.levels():
        assert 0 < rate < 1
        assert isinstance(rounds, int)
        assert rounds > 0


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


@every(Model)
def test_a_model_has_distinct_layers_that_it_uses(value: Model) -> None:
    shape, x = inputs(value)
    layers = value.layers(shape, Colour.classes)
    assert len({layer.name for layer in layers}) == len(layers)
    assert {layer.kind for layer in layers} <= {"conv", "fc", "out", "shortcut", "embed", "attention", "norm"}
    assert all(len(layer.shape) in (1, 2, 4) for layer in layers)
    assert all(layer.weighted == (layer.kind != "norm") for layer in layers)
    assert set(value.kinds(shape, 4)) == {f"{layer.name}.weight" for layer in layers if layer.weighted}
    params, statistics = initial(value, shape, Colour.classes, (0,))
    one, held = ({name: tensor[0] for name, tensor in tree.items()} for tree in (params, statistics))

    def score(p: Tree) -> torch.Tensor:
        logits = value.apply(p, x, BatchNorm(held, training=True))
        assert logits.shape == (4, Colour.classes)
        return logits.log_softmax(1)[:, 0].sum()

    gradient = torch.func.grad(score)(one)
    assert all(bool((gradient[name] != 0).any()) for name in params), "every parameter matters"


@every(Model)
def test_a_model_gives_the_same_for_an_image_whatever_else_is_in_the_batch_it_is_scored_in(value: Model) -> None:
    shape, x = inputs(value)
    params, statistics = initial(value, shape, Colour.classes, (0,))
    one, held = ({name: tensor[0] for name, tensor in tree.items()} for tree in (params, statistics))
    whole = value.apply(one, x, BatchNorm(held, training=False))
    alone = value.apply(one, x[1:2], BatchNorm(held, training=False))
    torch.testing.assert_close(whole[1:2], alone, rtol=1e-4, atol=1e-5)


def inputs(value: Model) -> tuple[tuple[int, ...], torch.Tensor]:
    """Return a shape that a model takes, and four inputs of it."""
    rng = stream(0, "contracts")
    if isinstance(value, Transformer):
        return (6,), torch.from_numpy(rng.integers(0, value.tokens, (4, 6)))
    return Colour.shape, torch.from_numpy(rng.standard_normal((4, *Colour.shape), "float32"))


def logits_without(value: Model, granularity: Granularity) -> torch.Tensor:
    """Return the logits, in double precision, of a network without the first group of each of its sets."""
    shape, x = inputs(value)
    params, statistics = initial(value, shape, Colour.classes, (0,))
    groups = granularity.groups(value.layers(shape, Colour.classes))
    kept = {name: torch.arange(1 + max(int(i.max()) for i in ids.values()))[None] > 0 for name, ids in groups.items()}
    mask_rules.establish(params, spread(kept, groups))
    one, held = ({name: tensor[0].double() for name, tensor in tree.items()} for tree in (params, statistics))
    return value.apply(one, x.double() if x.is_floating_point() else x, BatchNorm(held, training=True))


@every(Model)
def test_a_channel_that_nobody_writes_is_as_good_as_one_that_nobody_reads(value: Model) -> None:
    unwritten, unread = (logits_without(value, granularity) for granularity in (Unit(), Channel()))
    torch.testing.assert_close(unwritten, unread, rtol=1e-9, atol=1e-9)
    assert (unwritten - logits_without(value, Weight())).abs().max() > 1e-6, "what is gone mattered"


def stepped(value: Optimiser, params: Tree) -> tuple[Tree, dict[str, dict[str, torch.Tensor]]]:
    """Return what three steps make of parameters, and the optimiser's slots."""
    tensors = [tensor.clone() for tensor in params.values()]
    optimiser = value.build(tensors)
    for step in range(3):
        for group in optimiser.param_groups:
            group["lr"] = 0.1 * (step + 1)
        for tensor, given in zip(tensors, params.values(), strict=True):
            tensor.grad = (given * (step - 0.5)).sin()
        optimiser.step()
    slots = {name: dict(optimiser.state.get(t, {})) for name, t in zip(params, tensors, strict=True)}
    return dict(zip(params, tensors, strict=True)), slots


@every(Optimiser)
def test_an_optimiser_is_element_wise(value: Optimiser) -> None:
    params = subject().weights
    whole, _ = stepped(value, params)
    moved, _ = stepped(value, permuted(params))
    for name, tensor in whole.items():
        assert (tensor != params[name]).any()
        torch.testing.assert_close(moved[name], tensor[ORDER])
        torch.testing.assert_close(stepped(value, {name: params[name][1:2]})[0][name], tensor[1:2])


@every(Optimiser)
def test_an_optimiser_keeps_at_zero_what_has_no_weight_and_no_gradient(value: Optimiser) -> None:
    moved, _ = stepped(value, {"a": torch.zeros(3, 4)})
    assert (moved["a"] == 0).all()


@every(Optimiser)
def test_the_slots_of_an_optimiser_are_shaped_like_its_parameters_or_one_number(value: Optimiser) -> None:
    params, _ = weights_of(setting())
    for name, slots in stepped(value, params)[1].items():
        for slot in slots.values():
            assert slot is None or slot.shape in (params[name].shape, ())


def test_the_walk_finds_the_classes_there_are() -> None:
    found = {type(value).__name__ for base in BASES for value in examples(base)}
    criteria = "Magnitude Random SNIP GraSP SynFlow Taylor OBS Inverted"
    pruning = "Weight Unit Channel Layerwise Global ERK Neighbours Geometric OneShot Masked Popup Gradual"
    assert {*criteria.split(), *pruning.split(), "LeNet", "Conv", "ResNet", "VGG", "SGD", "Adam"} <= found
    assert {"Criterion", "Dataset", "Pruner", "Run", "Crops"} <= {one.__name__ for one in subclasses(Spec)}


def test_a_class_that_is_added_is_tested_because_it_exists() -> None:
    @dataclasses.dataclass(frozen=True)
    class Invented(Criterion):
        def score(self, subject: Subject) -> Tree:
            return {name: weight.flip(0) for name, weight in subject.weights.items()}

    assert Invented not in subclasses(Criterion), "what tests define is no part of the library"
    Invented.__module__ = "lth_lib.pruning.criteria"
    try:
        assert Invented in subclasses(Criterion)
        assert Invented in subclasses(Spec)
        value = next(value for value in examples(Criterion) if type(value) is Invented)
        with pytest.raises(AssertionError):  # it mixes the replicates
            test_a_criterion_scores_each_replicate_for_itself(value)
        with pytest.raises(AssertionError, match="docstring"):
            test_a_spec_is_a_frozen_dataclass_with_a_docstring_of_its_own(Invented)
    finally:
        Invented.__module__ = __name__
