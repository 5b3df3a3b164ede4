"""Ways to go on: what shares a mask, whose values they begin with, and how long and how fast they train."""

import pytest

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Dense, Initial, Run
from lth_lib.experiments.studies import fashion, ways, ways_fashion
from lth_lib.experiments.studies.ways import CONSTANT, ENDINGS, FALLING, IN_TURN, ONCE, WAYS, called, further, series
from lth_lib.experiments.weights import Final
from lth_lib.report.claims.second.rules.ways import WENT_ON, tickets_or_tuning

STUDY = ways("paper")
(DENSE,) = STUDY.series["dense"][0]


def only(way: str, mode: str, ending: str, level: int) -> Run:
    """Return the one run of a series at a level."""
    (run,) = STUDY.series[series(way, mode, ending)][level]
    return run


@pytest.mark.parametrize("level", WENT_ON)
@pytest.mark.parametrize("ending", ENDINGS)
def test_once_all_ways_share_the_mask_of_the_dense_network(level: int, ending: str) -> None:
    masks = {only(way.name, ONCE, ending, level).ticket.masks for way in WAYS}
    (mask,) = masks
    assert isinstance(mask, Pruned)
    assert (mask.run, mask.rounds) == (DENSE, level)


@pytest.mark.parametrize("ending", ENDINGS)
def test_in_turn_each_way_follows_its_own_chain(ending: str) -> None:
    for way in WAYS:
        run, before = (only(way.name, IN_TURN, ending, level) for level in (20, 18))
        mask = run.ticket.masks
        assert isinstance(mask, Pruned)
        assert mask.rounds == 1
        assert mask.level == 20
        assert (before in set(run.ancestors())) == (not way.fresh)
    again, ticket = (only(name, IN_TURN, ending, 18) for name in ("re-initialised", "reset"))
    assert again.ticket.masks == ticket.ticket.masks


def test_values_are_those_of_the_way() -> None:
    level = 7
    weights = {way.name: only(way.name, ONCE, CONSTANT, level).ticket.weights for way in WAYS}
    rewound = weights.pop("rewound")
    assert isinstance(rewound, Final)
    assert rewound.run.stop == only("rewound", ONCE, CONSTANT, level).start == 500
    assert weights == {
        "reset": Initial(),
        "rate rewound": Final(DENSE),
        "fine-tuned": Final(DENSE),
        "fine-tuned longer": Final(DENSE),
        "re-initialised": Initial("reinit-1"),
    }


@pytest.mark.parametrize(
    ("way", "steps", "rate"),
    [
        ("reset", 20_000, 1.2e-3),
        ("rate rewound", 20_000, 1.2e-3),
        ("fine-tuned", 4_000, 1.2e-4),
        ("fine-tuned longer", 20_000, 1.2e-4),
    ],
)
def test_a_way_has_its_steps_and_rate_and_falls_by_ten_in_the_last_fifth(way: str, steps: int, rate: float) -> None:
    for ending in ENDINGS:
        recipe = only(way, ONCE, ending, 3).setting.recipe
        assert recipe.steps == steps
        falls = steps * 4 // 5 - recipe.test_every  # so that the first test of the last fifth is of the lower rate
        before, after = (recipe.rate.at(step) for step in (falls - 1, falls))
        assert before == pytest.approx(rate)
        assert after == pytest.approx(rate / 10 if ending == FALLING else rate)
        evaluated = [step for step in range(0, steps + 1, recipe.test_every) if step >= steps * 4 // 5]
        assert len(evaluated) >= 5, "its end can be read"


def test_the_dense_network_is_given_the_same_further_steps() -> None:
    for way in ("rate rewound", "fine-tuned", "fine-tuned longer"):
        for ending in ENDINGS:
            (run,) = STUDY.series[series("dense", way, ending)][0]
            assert run.ticket.masks == Dense()
            assert run.ticket.weights == Final(DENSE)
            assert run.setting == only(way, ONCE, ending, 3).setting


def test_every_beginning_has_the_parents_it_needs_but_for_the_first_steps() -> None:
    for place, run in enumerate(STUDY.runs):
        assert {parent for parent in run.ancestors() if parent.until is None} <= set(STUDY.runs[:place])


def test_on_clothes_tickets_are_those_of_the_study_of_tickets() -> None:
    known = fashion("paper").series["winning ticket"]
    for level, runs in ways_fashion("paper").series[series("reset", IN_TURN, CONSTANT)].items():
        assert runs == known[level]


def test_the_rule_is_of_the_series_that_the_study_has() -> None:
    rule = tickets_or_tuning("ways", "MNIST")
    assert {cell.key for cell in rule.cells} <= STUDY.planned.keys()
    assert {cell.level for cell in rule.cells} == set(WENT_ON)


def test_what_a_page_calls_alike_ends_at_a_tenth_of_the_rate() -> None:
    for name, word in (called(ONCE, FALLING) | further(FALLING)).items():
        for (run,) in STUDY.series[name].values():
            assert run.setting.recipe.rate.at(run.stop - 1) == pytest.approx(1.2e-4), word
    assert [*called(IN_TURN, CONSTANT).values()] == [
        "winning ticket",
        "rewound",
        "rate rewound",
        "fine-tuned",
        "fine-tuned longer",
        "re-initialised",
    ]
    assert called(ONCE, FALLING)["fine-tuned, once, constant"] == "fine-tuned"


def test_every_way_but_new_values_is_compared_under_the_name_that_it_is_called_by() -> None:
    told = [shown for mode in (ONCE, IN_TURN) for one, shown in called(mode, FALLING).items() if one in STUDY.methods]
    assert told == ["winning ticket", "rewound", "rate rewound", "fine-tuned", "fine-tuned longer"] * 2
    assert len(STUDY.methods) == len(told)
