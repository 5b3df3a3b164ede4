"""Evaluation as a function: what the training's own evaluation finds, and what plain modules do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F
from tiny import setting

from lth_lib.data import normalise
from lth_lib.models import BatchNorm, Conv, ResNet
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError
from lth_lib.training.evaluate import evaluate, recomputed_statistics
from lth_lib.training.recipe import Setting
from lth_lib.training.train import Trainer


def colour(model: Conv | ResNet) -> Setting:
    return replace(setting(tiny.SGDM, steps=2, segment=1, test_every=2), data=tiny.Colour(), model=model)


def finished(given: Setting) -> Trainer:
    return tiny.finish(tiny.trainer(given, tiny.random_masks(given, 0.5)))


@pytest.mark.parametrize(
    "given", [setting(), colour(Conv(1, (8,), 8)), colour(ResNet(1))], ids=lambda given: type(given.model).__name__
)
def test_it_finds_what_training_recorded_of_its_last_step(given: Setting) -> None:
    training = finished(given)
    state, history = training.state, tiny.columns(training)
    for split in ("valid", "test"):
        loss, accuracy = evaluate(given, (state.params, state.statistics), state.masks, split)
        np.testing.assert_allclose(loss, history[f"{split}_loss"][-1], rtol=1e-4)
        np.testing.assert_allclose(accuracy, history[f"{split}_accuracy"][-1], atol=0.02)


def test_masks_count_even_where_weights_are_not_zero() -> None:
    given, masks = setting(), tiny.random_masks(setting(), 0.8)
    params, statistics = tiny.weights_of(given)
    zeroed = {name: value * masks[name] if name in masks else value for name, value in params.items()}
    one, other = (evaluate(given, (tree, statistics), masks) for tree in (params, zeroed))
    np.testing.assert_array_equal(one, other)
    assert (evaluate(given, (params, statistics), tiny.ones(given))[0] != one[0]).all()


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(SpecError, match="split was 'held out'"):
        evaluate(setting(), tiny.weights_of(setting()), tiny.ones(setting()), "held out")


def row_of(tree: Tree, row: int) -> Tree:
    return {name: value[row] for name, value in tree.items()}


def test_recomputed_statistics_are_those_of_the_training_images_layer_by_layer() -> None:
    given = colour(ResNet(1))
    state = finished(given).state
    before = {name: value.clone() for name, value in state.statistics.items()}
    found = recomputed_statistics(given, (state.params, state.statistics), state.masks)
    assert tiny.same_tree(state.statistics, before), "what was given is left alone"
    arrays = given.data.load()
    x = normalise(arrays.train.x, arrays)
    for row in range(len(tiny.SEEDS)):
        first = F.conv2d(x, state.params["conv1.weight"][row], padding=1)
        torch.testing.assert_close(found["conv1.mean"][row], first.mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(found["conv1.var"][row], first.var((0, 2, 3)), rtol=1e-4, atol=1e-5)
        params, own = row_of(state.params, row), row_of(found, row)
        scored = given.model.apply(params, x, BatchNorm(own, training=False))
        batch = given.model.apply(params, x, BatchNorm(own, training=True))
        torch.testing.assert_close(scored, batch, rtol=1e-2, atol=1e-2)


def test_statistics_are_the_mean_over_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    given = colour(ResNet(1))
    state = finished(given).state
    whole = recomputed_statistics(given, (state.params, state.statistics), state.masks)
    monkeypatch.setattr("lth_lib.training.evaluate.AT_ONCE", 150)
    parts = recomputed_statistics(given, (state.params, state.statistics), state.masks)
    torch.testing.assert_close(parts["conv1.mean"], whole["conv1.mean"], rtol=1e-4, atol=1e-5)
    assert not torch.equal(parts["conv1.var"], whole["conv1.var"]), "parts of 150 and 50 images, each with its own mean"
