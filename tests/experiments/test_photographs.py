"""Methods on photographs: what is compared is as dense, ends at the same rate, and shares the masks it says."""

from dataclasses import replace

import pytest
import torch

from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import convolutional, photographs, photographs_narrow
from lth_lib.experiments.studies.convolutional import BY_KIND
from lth_lib.experiments.studies.photographs import AGAIN, SCRATCH, TICKET
from lth_lib.models import Conv
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.granularity import Unit

STUDY = photographs("paper")
LEVELS = (9, 14)
DENSITIES = {9: 0.1366, 14: 0.0457}


def only(series: str, level: int) -> Run:
    """Return the one run of a series at a level."""
    (run,) = STUDY.series[series][level]
    return run


def test_a_dozen_methods_stand_at_both_levels() -> None:
    assert len(STUDY.methods) == 12
    assert all([*STUDY.series[name]] == [*LEVELS] for name in (*STUDY.methods, AGAIN))
    assert {run.level for run in convolutional("paper").series["winning ticket"][9]} == {9}


def test_the_narrow_network_differs_in_filters_and_precision_alone() -> None:
    narrow = photographs_narrow("paper")
    assert narrow.series.keys() == STUDY.series.keys()
    wide, own = (study.runs[0].setting for study in (STUDY, narrow))
    assert own.model == Conv(1, (256, 256), 16)
    assert own == replace(wide, model=own.model, recipe=replace(wide.recipe, precision="float32"))
    for name in STUDY.series:
        for level, (run,) in narrow.series[name].items():
            steps = {one.setting.recipe.steps for one in (run, *STUDY.series[name][level])}
            assert len(steps) == 1, name


@pytest.mark.parametrize("level", LEVELS)
def test_what_shares_masks_shares_them(level: int) -> None:
    assert only(TICKET, level).ticket.masks == only(AGAIN, level).ticket.masks
    assert only(TICKET, level).ticket.masks == only("magnitude, fine-tuned", level).ticket.masks
    assert only(SCRATCH, level).ticket.masks == only("filters by size, fine-tuned", level).ticket.masks
    assert only("RigL", level).ticket == only("random, ERK", level).ticket


def test_all_end_at_a_tenth_of_the_rate() -> None:
    for name in (*STUDY.methods, AGAIN):
        for level in LEVELS:
            run = only(name, level)
            assert run.setting.recipe.rate.at(run.stop - 1) == pytest.approx(2e-5), name
            assert run.setting.recipe.steps == (800 if name.endswith("fine-tuned") else 4_000), name


@pytest.mark.parametrize("level", LEVELS)
def test_each_is_as_dense_as_a_ticket_of_the_level(level: int) -> None:
    for name in (*STUDY.methods, AGAIN):
        masks = only(name, level).ticket.masks
        if isinstance(masks, Pruned) and not isinstance(masks.pruner.granularity, Unit) and masks.pruner != BY_KIND:
            assert masks.density == pytest.approx(DENSITIES[level], abs=1e-4), name
    dynamics = only("gradual", level).setting.recipe.dynamics
    assert getattr(dynamics, "density", None) == pytest.approx(DENSITIES[level], abs=1e-4)


@pytest.mark.parametrize("level", LEVELS)
def test_filters_leave_that_density_once_what_reads_them_is_gone(level: int) -> None:
    run = only("filters by size, fine-tuned", level)
    masks, layers = run.ticket.masks, run.layers
    assert isinstance(masks, Pruned)
    assert masks.rate is not None
    weights = {f"{layer.name}.weight": torch.rand(1, *layer.shape) for layer in layers}
    pruned = masks.pruner.prune(Subject(weights, mask_rules.ones(weights), layers, (0,)), masks.rate)
    conv1, conv2, fc1, fc2 = (int(pruned[f"{layer.name}.weight"][0].flatten(1).any(1).sum()) for layer in layers[:-1])
    left = 27 * conv1 + 9 * conv1 * conv2 + 256 * conv2 * fc1 + fc1 * fc2 + 10 * fc2
    assert left / 4_300_992 == pytest.approx(DENSITIES[level], abs=0.002)
