"""A ticket of whole units, from the dense run to the smaller network, with its child and its controls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny
import torch
from tiny import SEEDS

from lth_lib import masks as mask_rules
from lth_lib.data import normalise
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.masks import Masks
from lth_lib.models import BatchNorm, LeNet, Model, ResNet
from lth_lib.pruning.granularity import Granularity, Unit, pool
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.removal import shrink
from lth_lib.pruning.schedule import Geometric
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.results.store import Store
from lth_lib.training.recipe import Setting


def given(model: Model) -> Setting:
    short = tiny.setting(tiny.SGDM, steps=4, segment=2, test_every=2)
    return replace(short, data=tiny.Colour(), model=model)


def in_part(granularity: Granularity, run: Run, masks: Masks) -> int:
    """Return how many groups are kept in part."""
    groups = granularity.groups(run.layers)
    kept, every = (pool(tree, groups) for tree in (masks, {name: torch.ones_like(m) for name, m in masks.items()}))
    return sum(int(((count > 0) & (count < every[name])).sum()) for name, count in kept.items())


def masks_of(store: Store, run: Run) -> Masks:
    return Engine(store, "cpu", 60, False, train=False).masks(run.ticket.masks, run)


@pytest.mark.parametrize(("model", "levels"), [(LeNet((16, 8)), 2), (ResNet(1), 1)], ids=["LeNet", "ResNet"])
def test_a_ticket_of_units_its_child_and_its_controls_are_of_units(model: Model, levels: int, tmp_path: Path) -> None:
    store = tiny.store(tmp_path)
    runs = imp(given(model), Pruner(granularity=Unit()), Geometric(0.5, levels), seeds=SEEDS)
    every = [*runs, *(control(run) for run in runs[1:] for control in (shuffled, reinitialised))]
    results = compute(every, store, train=True, progress=False)
    assert store.verify() == []
    for run in every[1:]:
        masks, weights = masks_of(store, run), store.read_weights(run.digest)
        assert weights is not None
        assert in_part(Unit(), run, masks) == 0
        assert (
            mask_rules.violations({name.removeprefix("params/"): value for name, value in weights.items()}, masks) == 0
        )
        assert results[run].metrics["density"][-1].tolist() == pytest.approx(mask_rules.density(masks).tolist())
        assert {f"{layer.name}.weight" for layer in run.layers} == results[run].layer_density.keys()
    for level, run in enumerate(runs[1:], 1):
        found, chance = masks_of(store, run), masks_of(store, shuffled(run))
        assert results[run].masks is not None, "the result holds the masks of biases too"
        assert found.keys() == chance.keys() == results[run].masks.keys() > mask_rules.of_weights(found).keys()
        assert {name: m.flatten(1).sum(1).tolist() for name, m in found.items()} == {
            name: m.flatten(1).sum(1).tolist() for name, m in chance.items()
        }
        assert not tiny.same_tree(found, chance)
        before = masks_of(store, runs[level - 1])
        assert all((mask <= before.get(name, mask)).all() for name, mask in found.items())
        units = [layer for layer in run.layers if layer.kind != "out"]
        assert all((found[f"{u.name}.weight"].flatten(2).any(2).sum(1) == u.shape[0] // 2**level).all() for u in units)


def test_a_finished_ticket_of_units_has_the_answers_of_a_network_of_a_quarter_of_its_weights(tmp_path: Path) -> None:
    store, model = tiny.store(tmp_path), ResNet(1)
    run = imp(given(model), Pruner(granularity=Unit()), Geometric(0.5, 1), seeds=SEEDS)[-1]
    compute([run], store, train=True, progress=False)
    weights = store.read_weights(run.digest) or {}
    trees = [
        {name.removeprefix(kind): value for name, value in weights.items() if name.startswith(kind)}
        for kind in ("params/", "statistics/")
    ]
    arrays = run.setting.data.load()
    x = normalise(arrays.test.x, arrays)
    for row in range(len(SEEDS)):
        small = shrink(run.layers, *trees, masks_of(store, run), row)
        params, statistics = ({name: value[row] for name, value in tree.items()} for tree in trees)
        whole = model.apply(params, x, BatchNorm(statistics, training=False))
        torch.testing.assert_close(
            model.apply(small.params, x, BatchNorm(small.statistics, training=False)), whole, rtol=1e-5, atol=1e-5
        )
        counts = [
            sum(value.numel() for name, value in tree.items() if "weight" in name) for tree in (small.params, params)
        ]
        assert counts[0] < 0.26 * counts[1]
