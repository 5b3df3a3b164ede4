"""A study is runs in an order in which every beginning is a smaller study."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lth_lib.experiments.masks import Pruned, Shuffled
from lth_lib.experiments.measure import Connected, UnitWeights
from lth_lib.experiments.run import Initial
from lth_lib.experiments.studies import ALL, SCALES, Entry, Study, fresh, imp, lenet, original, sample, scaled
from lth_lib.pruning.pruner import Pruner
from lth_lib.spec import SpecError
from lth_lib.workshop.commands.studies import hours

EACH_SCALE = pytest.mark.parametrize("scale", SCALES)
FIRST, LATER = list(range(21)), list(range(8))


def test_the_paper_has_55_distinct_runs() -> None:
    runs = original("paper").runs
    assert len(runs) == len({run.digest for run in runs}) == 55


@EACH_SCALE
def test_every_beginning_has_the_parents_it_needs(scale: str) -> None:
    runs = original(scale).runs
    for place, run in enumerate(runs):
        assert set(run.ticket.parents()) <= set(runs[:place])
        assert set(run.ancestors()) <= set(runs[:place])


def levels(seeds: tuple[int, ...], scale: str = "paper") -> dict[str, list[int]]:
    """Return the levels of each series that a block of seeds goes through, in order."""
    series = original(scale).series
    return {
        name: [level for level in series[name] for run in series[name][level] if run.seeds == seeds] for name in series
    }


def test_the_first_block_goes_through_all_levels_and_its_controls() -> None:
    controlled = [3, 7, 9, 10, 13, 15, 18]
    assert levels((0, 1, 2, 3, 4)) == {
        "dense": [0],
        "winning ticket": FIRST[1:],
        "re-initialised": controlled,
        "shuffled mask": controlled,
    }


@pytest.mark.parametrize("seeds", [(5, 6, 7, 8, 9), (10, 11, 12, 13, 14)])
def test_later_blocks_go_to_level_seven_and_its_controls(seeds: tuple[int, ...]) -> None:
    assert levels(seeds) == {
        "dense": [0],
        "winning ticket": LATER[1:],
        "re-initialised": [7],
        "shuffled mask": [7],
    }


def test_the_first_block_is_trained_first_and_each_control_after_its_ticket() -> None:
    runs = original("paper").runs
    first, second, third = scaled("paper").blocks
    assert [run.seeds for run in runs] == [first] * 35 + [second] * 10 + [third] * 10
    blocks = [run for run in runs if run.seeds[0] == 0]
    assert [run.level for run in blocks] == sorted(run.level for run in blocks)


@EACH_SCALE
def test_controls_are_of_the_ticket_of_their_level(scale: str) -> None:
    series = original(scale).series
    for name in ("re-initialised", "shuffled mask"):
        for level, runs in series[name].items():
            for run in runs:
                ticket = next(one for one in series["winning ticket"][level] if one.seeds == run.seeds)
                masks = run.ticket.masks
                assert (masks.masks if isinstance(masks, Shuffled) else masks) == ticket.ticket.masks
                assert isinstance(masks, Shuffled) == (name == "shuffled mask")
                assert (run.ticket.weights == Initial()) == (name == "shuffled mask")
                assert (run.level, run.setting) == (level, ticket.setting)


def test_the_paper_is_the_paper() -> None:
    study = original("paper")
    recipe = study.runs[0].setting.recipe
    assert (recipe.batch, recipe.steps, recipe.rate.base, recipe.rate.drops) == (60, 50_000, 1.2e-3, ())
    masks = study.series["winning ticket"][1][0].ticket.masks
    assert isinstance(masks, Pruned)
    assert (masks.rate, masks.rounds) == (0.2, 1)
    assert "Layerwise" in repr(masks.pruner)
    assert "('out', 0.5)" in repr(masks.pruner)


@EACH_SCALE
def test_a_study_is_the_same_runs_when_asked_again(scale: str) -> None:
    assert [run.digest for run in original(scale).runs] == [run.digest for run in original(scale).runs]


def test_the_sample_is_no_run_of_the_study() -> None:
    assert sample().digest not in {run.digest for scale in SCALES for run in original(scale).runs}


def test_what_has_no_result_is_left_out() -> None:
    study = Study(("one", "two"))
    run = sample()
    other = replace(run, seeds=(7,))
    study.add("one", 0, run)
    study.add("one", 0, other)
    study.add("one", 1, replace(run, seeds=(8,)))
    assert study.found({run: "first", other: "second"}) == {"one": {0: ["first", "second"]}, "two": {}}
    assert study.found({other: "second"}) == {"one": {0: ["second"]}, "two": {}}


def test_the_first_block_is_asked_and_every_answer_needs_only_its_runs() -> None:
    study = original("paper")
    assert len(study.questions) == len({question.digest for question in study.questions})
    asked = [question for question in study.questions if not isinstance(question, Connected)]
    assert len(asked) == 2 * len(FIRST)
    assert {run.seeds for question in asked for run in question.runs()} == {scaled("paper").blocks[0]}
    assert {run for question in study.questions for run in question.runs()} <= set(study.runs)


def test_units_are_asked_of_one_sparse_ticket() -> None:
    study = fresh("paper")
    asked = [question for question in study.questions if isinstance(question, UnitWeights)]
    assert [question.run for question in asked] == [study.series["winning ticket"][13][0]]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.name)
def test_every_shuffled_mask_is_asked_what_of_it_is_connected(entry: Entry) -> None:
    study = entry.build("paper")
    shuffled = [run for run in study.runs if isinstance(run.ticket.masks, Shuffled)]
    assert [question.run for question in study.questions if isinstance(question, Connected)] == shuffled


def test_a_study_plans_a_training_for_each_seed_of_each_run() -> None:
    planned = fresh("paper").planned
    assert planned["dense", 0] == planned["winning ticket", 20] == planned["shuffled mask", 3] == 20
    assert planned["re-initialised", 7] == 60  # three to a ticket
    assert ("re-initialised", 1) not in planned


def test_a_part_of_a_study_keeps_its_order_and_needs_its_other_series_no_more() -> None:
    whole = original("paper")
    part = whole.only("dense", "winning ticket")
    assert list(part.series) == ["dense", "winning ticket"]
    controls = {
        run for name in ("re-initialised", "shuffled mask") for runs in whole.series[name].values() for run in runs
    }
    assert part.runs == [run for run in whole.runs if run not in controls]
    assert len(part.runs) == 21 + 8 + 8
    assert whole.questions
    assert not part.questions


@pytest.mark.parametrize("entry", [one for one in ALL if "small" in one.scales], ids=lambda entry: entry.name)
def test_at_scale_small_a_study_is_of_whole_data_sets_and_takes_minutes(entry: Entry) -> None:
    small, paper = (entry.build(scale) for scale in ("small", "paper"))
    assert {run.setting.data for run in small.runs} <= {run.setting.data for run in paper.runs}
    assert {run.setting.model for run in small.runs} == {run.setting.model for run in paper.runs}
    assert small.planned.keys() <= paper.planned.keys(), "its levels are the paper's"
    filled = [{name: bool(levels) for name, levels in study.series.items()} for study in (small, paper)]
    assert filled[0] == filled[1], "no series is left out"
    assert 1 <= 60 * hours(entry, small.runs) <= 15


def test_no_run_is_of_two_scales() -> None:
    of = [{run.digest for entry in ALL for run in entry.build(scale).runs} for scale in SCALES]
    assert all(not one & other for one in of for other in of if one is not other)


def test_a_scale_that_is_none_is_refused() -> None:
    with pytest.raises(SpecError, match="scale was 'huge'; it is one of 'paper', 'small', 'quick'"):
        lenet("huge")


def test_a_schedule_that_is_none_is_refused() -> None:
    with pytest.raises(SpecError, match=r"schedule was \[0\.5\]; it says what goes at each level, such as Geometric\("):
        imp(sample().setting, Pruner(), [0.5])  # type: ignore[arg-type]


def test_a_run_of_a_series_that_a_study_has_not_is_refused() -> None:
    with pytest.raises(SpecError, match="the series 'winning ticket' of a study of 'dense'; name it among the series"):
        Study(("dense",)).ladder(fresh("quick").series["winning ticket"][2])
