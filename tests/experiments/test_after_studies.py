"""Studies of pruned networks: what is compared begins with the same masks, at the same density."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from lth_lib import masks as mask_rules
from lth_lib.experiments.masks import Pruned, Shuffled
from lth_lib.experiments.run import Initial, Run
from lth_lib.experiments.studies import Study, after, patterns, sensitivity, structure
from lth_lib.experiments.studies.after import INVERTED, SHUFFLED, Method, methods
from lth_lib.experiments.studies.parts import density_at
from lth_lib.experiments.studies.patterns import PATTERNS
from lth_lib.experiments.studies.sensitivity import KEPT, TIMES, TRAINED_ON, together
from lth_lib.experiments.studies.structure import criteria, units_left
from lth_lib.experiments.weights import Final, FromScratch, Solved
from lth_lib.pruning.criteria import OBS, Inverted, SparseGPT, Subject
from lth_lib.pruning.forward import SRSTE
from lth_lib.pruning.penalty import Unseen
from lth_lib.report.claims.second import RULES
from lth_lib.report.claims.second.comparison import UNITS_OF_LENET

METHODS, CRITERIA = methods(10_000), criteria(100)
AFTER, STRUCTURE = after("paper"), structure("paper")
LEVELS = (7, 13, 18)


def only(study: Study, series: str, level: int) -> Run:
    """Return the one run of a series at a level."""
    (run,) = study.series[series][level]
    return run


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_what_is_kept_is_what_is_fine_tuned(method: Method) -> None:
    name = method.name
    for level in LEVELS:
        kept, tuned = only(AFTER, f"{name}, kept", level), only(AFTER, f"{name}, fine-tuned", level)
        assert kept.ticket == tuned.ticket
        assert (kept.stop, tuned.stop, tuned.setting.recipe.rate.at(0)) == (0, 4_000, pytest.approx(1.2e-4))
        solves = name in ("OBS", "SparseGPT")
        assert isinstance(kept.ticket.weights, Solved if solves else Final)


def test_in_turn_each_is_pruned_from_the_one_before() -> None:
    for method in METHODS:
        runs = [only(AFTER, f"{method.name}, in turn", level) for level in range(1, 19)]
        for before, run in pairwise(runs):
            assert isinstance(run.ticket.masks, Pruned)
            assert run.ticket.masks.run == before
            assert type(run.ticket.masks.pruner.criterion) is type(method.pruner.criterion)
            assert run.ticket.masks.pruner.scope == method.pruner.scope


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_check_is_the_method_s_own_masks_moved_or_its_scores_upside_down(method: Method) -> None:
    for level in (7, 18) if method.checks else ():
        own, shuffled = (only(AFTER, f"{method.name}, kept{check}", level).ticket for check in ("", ", shuffled"))
        assert shuffled.masks == Shuffled(own.masks)  # type: ignore[arg-type]
        if isinstance(own.weights, Solved):
            assert shuffled.weights == Solved(own.weights.pruned, shuffled.masks)
        else:
            assert shuffled.weights == own.weights
        assert only(AFTER, f"{method.name}, fine-tuned, shuffled", level).ticket == shuffled
    if INVERTED in method.checks:
        masks = only(AFTER, f"{method.name}, kept, inverted", 7).ticket.masks
        assert isinstance(masks, Pruned)
        assert masks.pruner == replace(method.pruner, criterion=Inverted(method.pruner.criterion))


def test_chance_is_not_checked_and_what_is_solved_for_has_no_opposite() -> None:
    checks = {method.name: method.checks for method in METHODS}
    assert checks["random"] == ()
    assert checks["OBS"] == checks["SparseGPT"] == (SHUFFLED,)
    assert checks["Wanda"] == (SHUFFLED, INVERTED)
    assert not {name for name in AFTER.methods if SHUFFLED in name or INVERTED in name}, "checks are no methods"
    assert all(AFTER.series.values()), "no series is without runs"


def test_what_makes_up_for_what_goes_is_asked_to() -> None:
    solving = {method.name for method in METHODS if isinstance(method.pruner.criterion, OBS | SparseGPT)}
    assert solving == {"OBS", "SparseGPT"}


@pytest.mark.parametrize("level", LEVELS)
def test_small_networks_have_the_density_of_the_level_once_columns_are_gone(level: int) -> None:
    layers = STRUCTURE.runs[0].layers
    masks = only(STRUCTURE, "magnitude, kept", level).ticket.masks
    assert isinstance(masks, Pruned)
    assert masks.rate is not None
    weights = {f"{layer.name}.weight": torch.rand(1, *layer.shape) for layer in layers}
    pruned = masks.pruner.prune(Subject(weights, mask_rules.ones(weights), layers, (0,)), masks.rate)
    first, second = (int(pruned[f"{name}.weight"][0].any(1).sum()) for name in ("fc1", "fc2"))
    assert units_left(layers, masks.rate) == {"fc1": first, "fc2": second}
    left = (784 * first + first * second + second * 10) / 266_200
    assert left == pytest.approx(density_at(STRUCTURE.runs[0], level, 0.2), abs=0.0015)
    every = {**mask_rules.ones(weights), **mask_rules.of_weights(pruned)}
    assert UNITS_OF_LENET.density(level) == pytest.approx(float(mask_rules.density(every)[0])), "as the rules know it"


@pytest.mark.parametrize("level", LEVELS)
def test_from_scratch_is_the_same_network_with_new_weights(level: int) -> None:
    for name in CRITERIA:
        scratch, reset = only(STRUCTURE, f"{name}, from scratch", level), only(STRUCTURE, f"{name}, reset", level)
        assert scratch.ticket.masks == reset.ticket.masks == only(STRUCTURE, f"{name}, kept", level).ticket.masks
        assert (scratch.ticket.weights, reset.ticket.weights) == (FromScratch(), Initial())
        assert scratch.setting == STRUCTURE.runs[0].setting


def test_a_pattern_stands_beside_free_choice_in_the_same_layers() -> None:
    study = patterns("paper")
    whole = {}
    for keep, of in PATTERNS:
        free = only(study, f"{keep}:{of}, kept, free", 1).ticket.masks
        assert isinstance(free, Pruned)
        assert free.rate == 1 - keep / of
        whole[of] = dict(free.pruner.scope.factors)  # type: ignore[attr-defined]
    assert whole == {4: {}, 8: {"fc2": 0.0, "out": 0.0}}  # 8 divides neither 300 inputs nor 100


def test_a_pattern_is_also_kept_throughout_training() -> None:
    study = patterns("paper")
    for keep, of in PATTERNS:
        run = only(study, f"{keep}:{of}, SR-STE", 1)
        assert (run.setting.recipe.forward, run.setting.recipe.penalty) == (SRSTE(keep, of), Unseen())
        assert (run.stop, run.ticket) == (20_000, study.runs[0].ticket)


def test_a_layer_is_pruned_alone_to_its_percent() -> None:
    study = sensitivity("paper")
    for percent in (50, 1):
        run = only(study, "OBS, fc2, fine-tuned", percent)
        masks = run.ticket.masks
        assert isinstance(masks, Pruned)
        assert masks.rate == 1 - percent / 100
        assert dict(masks.pruner.scope.factors) == {"fc1": 0.0, "fc2": 1.0, "out": 0.0}  # type: ignore[attr-defined]
        assert (run.stop, run.setting.recipe.test_every) == (1_000, 33)


def test_all_layers_are_pruned_and_the_last_keeps_some_times_as_much() -> None:
    study = sensitivity("paper")
    scopes = {times: only(study, together(times, KEPT), 20).ticket.masks for times in TIMES}
    left = {times: _left_of_out(masks) for times, masks in scopes.items()}
    assert left == {1: pytest.approx(0.2), 2: pytest.approx(0.4), 4: pytest.approx(0.8)}
    assert _left_of_out(only(study, together(4, TRAINED_ON), 50).ticket.masks) == 1, "no more than all"


def _left_of_out(masks: object) -> float:
    """Return what a scope leaves of the last layer, whose factor is of the rate."""
    assert isinstance(masks, Pruned)
    factors = dict(masks.pruner.scope.factors)  # type: ignore[attr-defined]
    assert set(factors) == {"out"}
    return 1 - masks.rate * factors["out"]


def test_the_rules_are_of_series_and_levels_that_are_planned() -> None:
    planned = {"after": AFTER.planned, "structure": STRUCTURE.planned}
    rules = [rule for rule in RULES if set(rule.studies) <= planned.keys()]
    assert {rule.key for rule in rules} == {"24", "33"}
    for rule in rules:
        assert all(cell.key in planned[cell.study] for cell in rule.cells)
