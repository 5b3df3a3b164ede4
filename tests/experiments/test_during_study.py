"""Pruning during training: from which masks, until when, and what is trained with the masks that it ends with."""

import math

import pytest

from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.run import Dense, Initial, Run
from lth_lib.experiments.studies import before, during
from lth_lib.experiments.studies.parts import density_at
from lth_lib.pruning.dynamics import SET, Gradual, RigL
from lth_lib.pruning.forward import Movement
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.report.claims.second import RULES

STUDY = during("paper")
LEVELS = (7, 13, 18)


def only(series: str, level: int) -> Run:
    """Return the one run of a series at a level."""
    (run,) = STUDY.series[series][level]
    return run


def test_the_static_control_is_that_of_pruning_before_training() -> None:
    assert STUDY.series["static, ERK"] == before("paper").series["random, ERK"]


def test_what_moves_begins_with_the_masks_of_the_static_control() -> None:
    for level in LEVELS:
        static = only("static, ERK", level)
        assert isinstance(static.ticket.masks, Pruned)
        for name, kind in (("SET", SET), ("RigL", RigL)):
            run = only(name, level)
            assert run.ticket == static.ticket
            assert run.setting.recipe.dynamics == kind(every=100, until=15_000)


def test_gradual_pruning_falls_from_a_fifth_to_three_quarters_of_training() -> None:
    for level in LEVELS:
        run = only("gradual", level)
        left = density_at(STUDY.runs[0], level, 0.2)
        assert run.ticket.masks == Dense()
        together = Pruner(scope=Global())
        assert run.setting.recipe.dynamics == Gradual(100, 15_000, left, 4_000, together)
        forward = only("Movement", level).setting.recipe.forward
        assert isinstance(forward, Movement)
        layers = {layer.name: math.prod(layer.shape) for layer in run.layers}
        kept = sum(size * forward.share(f"{name}.weight") for name, size in layers.items())
        assert kept / sum(layers.values()) == pytest.approx(left), "with the layers' densities of a ticket"
        assert forward.share("out.weight") > 2 * forward.share("fc1.weight")


def test_the_mask_of_rigl_is_trained_from_the_start_and_drawn_again() -> None:
    for level in LEVELS:
        ticket, again = only("RigL's mask", level), only("RigL's mask, re-initialised", level)
        assert ticket.ticket.masks == again.ticket.masks == Kept(only("RigL", level))
        assert (ticket.ticket.weights, again.ticket.weights) == (Initial(), Initial("reinit-1"))
        assert ticket.setting == again.setting == STUDY.runs[0].setting


def test_the_rule_is_of_the_series_that_the_study_has() -> None:
    (rule,) = (rule for rule in RULES if rule.studies == ("during",))
    assert {cell.key for cell in rule.cells} <= STUDY.planned.keys()
