"""Pruning before training: methods at one density, and what they are checked by."""

import math

import pytest

from lth_lib.experiments.masks import Pruned, Shuffled
from lth_lib.experiments.run import Initial
from lth_lib.experiments.studies import (
    after_fashion,
    before,
    before_fashion,
    during_fashion,
    patterns_fashion,
    sensitivity_fashion,
    structure_fashion,
    ways_fashion,
)
from lth_lib.experiments.studies.before import CHANCE, CHOSEN, Method
from lth_lib.experiments.studies.parts import LAYER_BY_LAYER, density_at
from lth_lib.pruning.criteria import Inverted
from lth_lib.report.claims.second.rules.before import CHECKED, COMPARED
from lth_lib.report.claims.second.rules.before import CHOSEN as JUDGED

STUDY = before("paper")


def test_all_that_is_compared_ends_at_the_same_rate() -> None:
    known = ways_fashion("paper").series["dense, falling"]
    for study in (
        before_fashion,
        during_fashion,
        after_fashion,
        structure_fashion,
        patterns_fashion,
        sensitivity_fashion,
    ):
        every = study("paper")
        assert every.series["dense"] == known
        ends = {run.setting.recipe.rate.at(run.stop - 1) for run in every.runs if run.stop}
        assert all(end == pytest.approx(1.2e-4) for end in ends)


def test_densities_are_those_of_the_levels_to_the_weight() -> None:
    dense = STUDY.runs[0]
    left = []
    for count, rate in ((235_200, 0.2), (30_000, 0.2), (1_000, 0.1)):
        for _ in range(7):
            count -= math.floor(rate * count + 0.5)
        left.append(count)
    assert density_at(dense, 7, 0.2) == sum(left) / 266_200
    assert density_at(dense, 0, 0.2) == 1


def test_all_prune_the_network_as_it_is_drawn() -> None:
    for method in (*CHANCE, *CHOSEN):
        assert sorted(STUDY.series[method.name]) == list(COMPARED)
        for (run,) in STUDY.series[method.name].values():
            masks = run.ticket.masks
            assert isinstance(masks, Pruned)
            assert (masks.run.stop, masks.run.setting, masks.run.ticket.weights) == (0, run.setting, Initial())
            assert masks.pruner == method.pruner
            assert method.pruner.scope == LAYER_BY_LAYER or masks.rounds == method.rounds
            assert (run.ticket.weights, run.start, run.stop) == (Initial(), 0, 20_000)


@pytest.mark.parametrize("method", CHOSEN, ids=lambda method: method.name)
def test_each_choice_is_checked_three_times(method: Method) -> None:
    for level in CHECKED:
        (own,), (moved,), (again,), (inverted,) = (
            STUDY.series[f"{method.name}{check}"][level]
            for check in ("", ", shuffled", ", re-initialised", ", inverted")
        )
        assert moved.ticket.masks == Shuffled(own.ticket.masks)
        assert moved.ticket.weights == own.ticket.weights
        assert again.ticket.masks == own.ticket.masks
        assert again.ticket.weights == Initial("reinit-1")
        assert isinstance(inverted.ticket.masks, Pruned)
        assert inverted.ticket.masks.pruner.criterion == Inverted(method.pruner.criterion)
        assert inverted.ticket.masks.density == own.ticket.masks.density


def test_the_rules_are_of_the_series_that_the_study_has() -> None:
    assert set(JUDGED) == {method.name for method in CHOSEN}


def test_a_rehearsal_prunes_in_fewer_rounds() -> None:
    quick = before("quick")
    assert [method.rounds for method in CHOSEN] == [1, 1, 1, 100]
    for name in ("SynFlow", "SynFlow, inverted"):
        assert {run.ticket.masks.rounds for runs in quick.series[name].values() for run in runs} == {4}
    assert {run.ticket.masks.rounds for runs in quick.series["SNIP"].values() for run in runs} == {1}
