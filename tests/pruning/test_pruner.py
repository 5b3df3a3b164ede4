"""Pruning is a criterion at a granularity within a scope: nested, exact, the same for every replicate."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
import torch
from tiny import SEEDS, kinds_of, layers_of, ones, same_tree, setting, weights_of

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Criterion, Magnitude, Random, Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global, Layerwise, Scope
from lth_lib.replicates import Tree, stream
from lth_lib.spec import SpecError

PRUNERS = [
    Pruner(criterion, scope=scope)
    for criterion in (Magnitude(), Random())
    for scope in (Layerwise((("out", 0.5),)), Global(), Global("fc"))
]
every = pytest.mark.parametrize("pruner", PRUNERS, ids=str)


def subject(level: int = 0, masks: Masks | None = None) -> Subject:
    """Return a subject whose weights are of their own at each level, as after another training."""
    kinds = kinds_of(setting())
    params, _ = weights_of(setting())
    weights = {n: params[n] * torch.from_numpy(stream(level, "grown", n).random(params[n].shape)) for n in kinds}
    return Subject(weights, masks or ones(setting()), layers_of(setting()), SEEDS)


@dataclass(frozen=True)
class As(Criterion):
    """The magnitude, in thousandths, as another type."""

    kind: str

    def score(self, subject: Subject) -> Tree:
        scores = {name: weight.abs() * 1000 for name, weight in subject.weights.items()}
        match self.kind:
            case "lacking":
                return dict(list(scores.items())[1:])
            case "transposed":
                return {name: score.transpose(1, 2) for name, score in scores.items()}
            case "numpy":
                return {name: score.numpy() for name, score in scores.items()}  # type: ignore[misc]
        return {name: score.round().to(getattr(torch, self.kind)) for name, score in scores.items()}


@pytest.mark.parametrize("kind", ["bool", "uint8", "int32", "int64", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("scope", [Layerwise(), Global()], ids=str)
def test_scores_of_any_kind_of_number_are_ranked(kind: str, scope: Scope) -> None:
    masks = Pruner(As(kind), scope=scope).prune(subject(), 0.3)
    assert sum(counts(masks)) == sum(counts(Pruner(scope=scope).prune(subject(), 0.3)))
    if kind == "int32":
        assert same_tree(masks, Pruner(As("float64"), scope=scope).prune(subject(), 0.3))


def test_scores_that_are_none_are_refused_in_one_sentence() -> None:
    for kind, said in {
        "lacking": "scored fc1.weight by NoneType; it is a tensor of numbers [3, 16, 64]",
        "transposed": "scored fc1.weight by torch.float64 [3, 64, 16]; it is a tensor of numbers [3, 16, 64]",
        "numpy": "scored fc1.weight by ndarray; it is a tensor of numbers",
        "complex64": "scored fc1.weight by torch.complex64",
    }.items():
        with pytest.raises(SpecError, match=re.escape(said)):
            Pruner(As(kind)).prune(subject(), 0.3)


def counts(masks: Masks) -> list[int]:
    return [int(mask.sum()) for mask in masks.values()]


@every
def test_masks_are_nested_over_levels(pruner: Pruner) -> None:
    masks = ones(setting())
    for level in range(12):
        before, masks = masks, pruner.prune(subject(level, masks), 0.3)
        assert all(bool((before[name] | ~masks[name]).all()) for name in masks)
        assert sum(counts(masks)) < sum(counts(before))


@every
def test_one_shot_meets_the_counts_of_as_many_levels(pruner: Pruner) -> None:
    masks = ones(setting())
    for level in range(8):
        masks = pruner.prune(subject(level, masks), 0.3)
    at_once = pruner.prune(subject(), 0.3, rounds=8)
    assert mask_rules.density(at_once).tolist() == mask_rules.density(masks).tolist()
    if isinstance(pruner.scope, Layerwise):
        assert counts(at_once) == counts(masks)


def test_one_shot_by_magnitude_keeps_the_largest() -> None:
    given = subject()
    masks = Pruner().prune(given, 0.5, rounds=3)
    for name, mask in masks.items():
        for row in range(len(SEEDS)):
            size = given.weights[name][row].abs()
            assert size[mask[row]].min() >= size[~mask[row]].max()


@every
def test_pruning_again_gives_the_same_and_alters_nothing(pruner: Pruner) -> None:
    given = subject()
    before = {name: value.clone() for name, value in given.weights.items()}
    once = pruner.prune(given, 0.3, 2)
    assert same_tree(once, pruner.prune(given, 0.3, 2))
    assert same_tree(given.weights, before)
    assert same_tree(given.masks, ones(setting()))


@every
def test_permuting_the_replicates_permutes_their_masks(pruner: Pruner) -> None:
    given, order = subject(), [2, 0, 1]
    trees = [{name: value[order] for name, value in tree.items()} for tree in (given.weights, given.masks)]
    other = Subject(*trees, given.layers, tuple(SEEDS[row] for row in order))
    masks = pruner.prune(given, 0.3, 2)
    assert same_tree(pruner.prune(other, 0.3, 2), {name: mask[order] for name, mask in masks.items()})


ROUNDS: list[tuple[int, float]] = []


class Watching(Criterion):
    def score(self, given: Subject) -> dict[str, torch.Tensor]:
        ROUNDS.append((given.round, float(mask_rules.density(given.masks)[0])))
        return Magnitude().score(given)


def test_a_round_is_scored_by_what_the_round_before_left() -> None:
    Pruner(Watching()).prune(subject(), 0.5, 3)
    assert [number for number, _ in ROUNDS] == [0, 1, 2]
    assert [density for _, density in ROUNDS] == pytest.approx([1, 0.5, 0.25], abs=0.01)


@pytest.mark.parametrize("rate", [0, 1, -0.2, 1.2])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(SpecError, match="rate was"):
        Pruner().prune(subject(), rate)


def test_a_scope_that_revives_what_is_gone_revives_nothing() -> None:
    class Reviving(Scope):
        def check(self, sets, rate):
            pass

        def parts(self, shape):
            return torch.zeros(shape, dtype=torch.int64)

        def keep(self, scores, sizes, kinds, rate):
            return {name: size == 0 for name, size in sizes.items()}

    masks = Pruner(scope=Layerwise()).prune(subject(), 0.3)
    none = Pruner(scope=Reviving()).prune(replace(subject(), masks=masks), 0.3)
    assert not any(bool(mask.any()) for mask in none.values()), "a pruner revives nothing, whatever its scope says"
