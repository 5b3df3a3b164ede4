"""A criterion scores weights: by size, or by chance that is a pure function of seed, layer, round and salt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lth_lib.models import Layer
from lth_lib.pruning.criteria import Magnitude, Random, Subject
from lth_lib.replicates import stream

SEEDS = (4, 7)


def subject(seeds: tuple[int, ...] = SEEDS) -> Subject:
    weights = {"a.weight": torch.tensor([[[-3.0, 1, 0]], [[0.5, -0.25, 2]]]), "b.weight": torch.ones(2, 4, 3)}
    masks = {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in weights.items()}
    return Subject(weights, masks, (Layer("a", (1, 3), "fc"), Layer("b", (4, 3), "out")), seeds)


def test_magnitude_is_the_size_whatever_the_sign() -> None:
    assert Magnitude().score(subject())["a.weight"].tolist() == [[[3, 1, 0]], [[0.5, 0.25, 2]]]


def test_magnitude_leaves_the_weights_alone() -> None:
    given = subject()
    Magnitude().score(given)["a.weight"].zero_()
    assert given.weights["a.weight"].tolist() == subject().weights["a.weight"].tolist()


def test_random_scores_are_those_of_the_named_stream() -> None:
    scores = Random("x").score(replace(subject(), round=3))
    for name, score in scores.items():
        for row, seed in enumerate(SEEDS):
            expected = stream(seed, "prune", "x", 3, name).random(tuple(score.shape[1:]))
            assert (score[row].numpy() == expected).all()


def test_random_scores_do_not_depend_on_the_weights_or_on_the_order_of_asking() -> None:
    first = Random().score(subject())
    other = replace(subject(), weights={name: 2 * weight for name, weight in subject().weights.items()})
    for name, score in Random().score(other).items():
        assert torch.equal(score, first[name])


def test_random_scores_follow_the_seed_not_the_row() -> None:
    first, swapped = (Random().score(subject(seeds))["b.weight"] for seeds in (SEEDS, SEEDS[::-1]))
    assert torch.equal(swapped, first.flip(0))
    assert not np.isin(first[0].numpy(), first[1].numpy()).any()


@pytest.mark.parametrize(
    "other",
    [
        Random("again").score(subject()),
        Random().score(replace(subject(), round=1)),
        Random().score(subject((5, 8))),
        {"b.weight": Random().score(replace(subject(), weights={"c.weight": torch.ones(2, 4, 3)}))["c.weight"]},
    ],
    ids=["salt", "round", "seeds", "layer"],
)
def test_another_salt_round_seed_or_layer_draws_other_scores(other: dict[str, torch.Tensor]) -> None:
    assert not torch.isin(other["b.weight"], Random().score(subject())["b.weight"]).any()


def test_random_scores_are_uniform() -> None:
    given = replace(subject(), weights={"w": torch.zeros(2, 100, 100)})
    scores = Random().score(given)["w"]
    assert scores.min() >= 0
    assert scores.max() < 1
    np.testing.assert_allclose(scores.mean((1, 2)), 0.5, atol=0.01)
    np.testing.assert_allclose(scores.var((1, 2)), 1 / 12, atol=0.003)
