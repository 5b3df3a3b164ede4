"""Network slimming as a study: one network with the penalty and one without, and units that go by their scales."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import NormScales
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import slimming, structure
from lth_lib.experiments.studies.slimming import PENALISED
from lth_lib.models import LeNet, initial
from lth_lib.pruning.criteria import Slimming
from lth_lib.pruning.penalty import Scales
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.spec import SpecError

STUDY = slimming("paper")
LEVELS = (7, 13, 18)
NORMED = replace(tiny.setting(steps=10), model=LeNet((6, 5), norm=True))


def test_only_the_training_that_is_pruned_by_penalised_scales_has_the_penalty() -> None:
    with_it = [run for run in STUDY.runs if run.setting.recipe.penalty]
    assert {run.setting.recipe.penalty for run in with_it} == {Scales()}
    assert [run.stop for run in with_it] == [20_000, 0, 0, 0], "what is kept is evaluated as it was trained"
    (dense,), (penalised,) = STUDY.series["dense"][0], STUDY.series[PENALISED][0]
    for level in LEVELS:
        (tuned,) = STUDY.series["scale, penalised, fine-tuned"][level]
        masks = tuned.ticket.masks
        assert isinstance(masks, Pruned)
        assert (masks.run, masks.pruner.criterion) == (penalised, Slimming())
        (plain,) = STUDY.series["scale, fine-tuned"][level]
        assert plain.ticket.masks == replace(masks, run=dense)
        assert plain.setting == tuned.setting


def test_networks_are_as_wide_as_those_of_the_study_of_units() -> None:
    units = structure("paper")
    for level in LEVELS:
        (normed,), (plain,) = (study.series["magnitude, kept"][level] for study in (STUDY, units))
        one, other = normed.ticket.masks, plain.ticket.masks
        assert isinstance(one, Pruned)
        assert isinstance(other, Pruned)
        assert (one.rate, one.pruner) == (other.rate, other.pruner)


def test_scales_are_those_of_the_weights_sorted(tmp_path: Path) -> None:
    store, run = tiny.store(tmp_path), Run(NORMED, seeds=tiny.SEEDS)
    answer = compute([run, NormScales(run)], store, train=True, progress=False).answer(NormScales(run))
    params, _ = Engine(store, "cpu", 60, progress=False, train=False).weights(run)
    assert answer is not None
    by_hand = np.sort(torch.cat([params["fc1.scale"], params["fc2.scale"]], 1).abs().numpy(), 1)
    np.testing.assert_array_equal(answer["scale"], by_hand)


def test_without_batch_norm_there_is_nothing_to_ask() -> None:
    with pytest.raises(SpecError, match=r"which LeNet\(hidden=\(\d+.*\) has not; ask a run of a network that has"):
        NormScales(Run(tiny.setting(), seeds=tiny.SEEDS))


def test_a_normed_layer_has_no_bias_and_a_plain_one_keeps_its_digest() -> None:
    params, statistics = initial(NORMED.model, NORMED.data.shape, NORMED.data.classes, (0,))
    assert "fc1.bias" not in params
    assert {"fc1.scale", "fc1.shift", "out.bias"} <= set(params)
    assert set(statistics) == {"fc1.mean", "fc1.var", "fc2.mean", "fc2.var"}
    assert LeNet((6, 5)).digest == LeNet((6, 5), norm=False).digest != LeNet((6, 5), norm=True).digest
