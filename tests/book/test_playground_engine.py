"""The engine of the playground, in a real browser, beside the library: the same numbers, and the same masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tiny
import torch
from selenium.webdriver import Chrome

from lth_lib.masks import Masks, ones
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Layerwise
from lth_lib.replicates import stream
from lth_lib.workshop.playground import page, races
from lth_lib.workshop.playground.browser import Engine

STEPS, SEEDS = 20, (7,)
SETTING = page.setting()
NAMES = list(SETTING.kinds)

LEARN = """
const [given, weights, masks, batches, done] = arguments;
unpack(given.digits).then(({ train }) => {
  const network = new Network(given.recipe, weights, masks);
  const losses = batches.map((rows) => network.learn(train, rows));
  const pruned = prune(weights, masks, given.recipe.share);
  done({ losses, weights: network.weights.map((w) => [...w]), pruned: pruned.map((mask) => [...mask]) });
});
"""


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    return page.model(SETTING)


@pytest.fixture(scope="module")
def engine(browser: Chrome) -> Engine:
    browser.get("about:blank")
    return Engine(browser)


def batches() -> list[list[int]]:
    order = stream(*SEEDS, "order", "", 0).permutation(len(SETTING.data.load().train.y))
    return order[: STEPS * SETTING.recipe.batch].reshape(STEPS, -1).tolist()


def flat(tree: dict[str, torch.Tensor]) -> list[list[float]]:
    return [tree[name][0].flatten().tolist() for name in NAMES]


def pruned(weights: dict[str, torch.Tensor], masks: Masks) -> Masks:
    subject = tiny.subject(SETTING, masks, SEEDS)
    scored = {name: weights[name] for name in NAMES}
    return Pruner(scope=Layerwise((("out", 0.5),))).prune(tiny.replace(subject, weights=scored), 0.2)


def test_losses_and_masks_are_the_librarys_over_two_rounds(engine: Engine, model: dict[str, Any]) -> None:
    start, _ = SETTING.initial(SEEDS)
    masks = ones({name: start[name] for name in NAMES})
    for _ in range(2):
        training = tiny.trainer(SETTING, masks, SEEDS)
        losses = training.take(0, STEPS)[:, 0, 0].numpy()
        training.save()
        begun = {name: start[name] * masks[name] for name in NAMES}
        ours = engine.ask(LEARN, model, flat(begun), flat(masks), batches())
        assert np.abs(ours["losses"] - losses).max() < 1e-5
        assert np.ptp(losses) > 0.5, "it has learned something"
        reached = {name: training.state.params[name] for name in NAMES}
        for one, other in zip(ours["weights"], flat(reached), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)
        # The very same weights, so that none changes sides by its last bit.
        again = engine.ask(LEARN, model, flat(reached), flat(masks), [])
        masks = pruned(reached, masks)
        assert again["pruned"] == [[int(kept) for kept in mask] for mask in flat(masks)]


def test_the_engine_trains_the_stored_networks_again(engine: Engine, model: dict[str, Any]) -> None:
    seed = races.SEEDS[0]
    [again] = engine(model, seed, ())
    [stored] = [row for row in races.stored()["races"] if (row["seed"], row["level"]) == (seed, 0)]
    assert again["kept"] == stored["kept"]
    for name in ("before", "early", "end"):
        # Browsers differ in the last bit of a cosine; a digit of the thousand may then be read otherwise.
        assert again[name] == pytest.approx(stored[name], abs=0.005)
