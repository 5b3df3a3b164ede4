"""The second edition: by which reading it judges, what it needs, and what it leaves out."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
from second_study import BY_KEY, judged, study, whole

from lth_lib.report import stats
from lth_lib.report.claims import NOT_REPRODUCED, NOT_TESTED, REPRODUCED, UNDECIDED
from lth_lib.report.claims.second import RULES, judge, line, scorecard, tabulated

# Readings.


def test_a_published_size_is_judged_at_early_stopping_and_the_end_stands_beside() -> None:
    table = study(gain={9: 0.004})
    found = judged("4", fresh=table.assign(accuracy_at_end=0.98 + 0.0002 * (table["seed"] - 2)))
    assert found.verdict == REPRODUCED
    assert {name: one.verdict for name, one in found.beside.items()} == {"accuracy_at_end": NOT_REPRODUCED}
    told = line(found)
    assert told.beside == ("at the end: not reproduced",)
    assert [name.partition(":")[0] for name, _ in told.measured] == [
        "accuracy, ticket minus dense, at early stopping",
        "accuracy, ticket minus dense, at the end",
    ]


def test_only_accuracy_has_a_reading() -> None:
    names = [name.partition(":")[0] for name, _ in line(judged("14", fresh=study())).measured]
    assert names == ["gap at the last iteration, dense minus ticket", "accuracy, ticket minus dense, at the end"]
    table = study()
    beside = line(judged("6", fresh=table.assign(accuracy_at_end=table["accuracy_at_end"] * 0.99)))
    assert [name.partition(":")[0] for name, _ in beside.measured] == [
        "early stop, re-initialised over ticket",
        "accuracy, ticket minus re-initialised, at early stopping",
        "accuracy, ticket minus re-initialised, at the end",
    ]


def test_what_was_measured_says_when_each_answer_falls() -> None:
    gap, kept = (name for name, _ in line(judged("14", fresh=study())).measured)
    better = "above 0 points, no if it does not and lies below 0.2 points, undecided otherwise"
    assert gap.endswith(f"dense minus ticket: yes if the whole interval lies {better}")
    assert "above -0.2 points, no if below -0.2 points" in kept
    faster, _ = (name for name, _ in line(judged("6", fresh=study())).measured)
    assert "between 1.58 and 6.3 times, no if wholly outside" in faster


def test_a_missed_zero_says_on_which_side() -> None:
    above, below = (judged("5", fresh=study(gain={15: gain})).finding.reason for gain in (0.02, -0.02))
    assert above.endswith("no; still better")
    assert below.endswith("no; still worse")


def test_a_reading_that_is_empty_is_not_tested_and_the_others_are() -> None:
    found = judged("4", fresh=study().assign(accuracy_at_best=np.nan))
    assert found.verdict == REPRODUCED
    assert found.beside["accuracy_at_best"].verdict == NOT_TESTED
    assert "0 replicates with accuracy_at_best; needs 3" in found.beside["accuracy_at_best"].reason


# Not tested.


def test_what_is_missing_is_named() -> None:
    assert judged("13a", fresh=study()).finding.reason == "needs the study 'one-shot', of which nothing is stored"
    found = judged("3b", fresh=study(levels=range(1, 20)))
    assert found.verdict == NOT_TESTED
    assert found.finding.reason == ("needs 'winning ticket' at level 20 of the study 'fresh' (1.2 %), which is missing")
    few = judged("4", fresh=study().query("seed < 2"))
    assert "in at least 3 replicates, not 2" in few.finding.reason
    other = judged("4", fresh=study().assign(density=0.5))
    assert "which here has 50.0 % of its weights" in other.finding.reason


def test_a_study_is_judged_when_all_that_a_rule_needs_of_it_is_stored() -> None:
    table, plan = study(), whole(study())
    assert judge(BY_KEY["MNIST", "4"], {"fresh": table}, {"fresh": plan}).verdict == REPRODUCED
    half = table[(table["level"] != 9) | (table["seed"] < 3)]  # three replicates of five: enough, but not all
    found = judge(BY_KEY["MNIST", "4"], {"fresh": half}, {"fresh": plan})
    assert found.verdict == NOT_TESTED
    assert found.finding.reason == "needs 10 trainings that it needs of the study 'fresh', of which 8 are stored"
    assert judge(BY_KEY["MNIST", "5"], {"fresh": half}, {"fresh": plan}).verdict == NOT_REPRODUCED  # needs no level 9


def test_every_repeat_of_a_replicate_is_needed_and_none_makes_up_for_another_cell() -> None:
    table, plan = study(), whole(study())
    thrice = {cell: count * 3 if cell[0] == "re-initialised" else count for cell, count in plan.items()}
    assert judge(BY_KEY["MNIST", "6"], {"fresh": table}, {"fresh": thrice}).finding.reason == (
        "needs 20 trainings that it needs of the study 'fresh', of which 10 are stored"
    )
    twice = pd.concat([table, table[table["series"] == "dense"].assign(run="b")])
    short = twice[(twice["level"] != 9) | (twice["seed"] < 3)]
    assert judge(BY_KEY["MNIST", "4"], {"fresh": short}, {"fresh": plan}).verdict == NOT_TESTED


def test_without_studies_every_claim_is_not_tested() -> None:
    assert {found.verdict for found in scorecard({}, {})} == {NOT_TESTED}


def test_a_replicate_that_diverged_is_left_out_and_counted() -> None:
    table = study()
    own = (table["series"] == "winning ticket") & (table["level"] == 9) & (table["seed"] == 0)
    found = judged("4", fresh=table.assign(diverged=own)).finding.parts[0].found
    assert (found.n, found.against, found.missing) == (4, 5, 1)
    assert judged("4", fresh=table.assign(diverged=table["seed"] < 3)).verdict == NOT_TESTED


def test_a_run_that_never_improved_has_no_speed_and_is_counted_as_missing() -> None:
    assert judged("3a", fresh=study().assign(early_stop=0.0)).verdict == NOT_TESTED
    table = study()
    dead = (table["series"] == "winning ticket") & (table["level"] == 7) & (table["seed"] == 0)
    found = judged("3a", fresh=table.assign(early_stop=table["early_stop"].mask(dead, 0.0))).finding.parts[0].found
    assert (found.n, found.against, found.missing) == (5, 4, 1)


def test_a_ratio_of_two_bounds_is_bounded_on_neither_side() -> None:
    part = judged("3a", fresh=study().assign(censored=True)).finding.parts[0]
    assert part.open_below
    assert part.open_above
    assert part.text.startswith("at 21.1 % (bounds both) ")
    assert part.answer == UNDECIDED


# Numbers, not only words.


def test_verdicts_are_a_table_too() -> None:
    verdicts = scorecard({"fresh": study()}, {"fresh": whole(study())}, {"fresh": "MNIST, 50,000 iterations"})
    table = tabulated(verdicts)
    assert len(set(zip(table["data"], table["claim"], strict=True))) == len(RULES)
    one = table.query("claim == '4' and reading == judged_at").iloc[0]
    assert (one["verdict"], one["answer"], one["unit"], one["n"], one["against"]) == (REPRODUCED, "yes", "points", 5, 5)
    assert one["low"] < 0.004 < one["high"]
    assert one["where"] == "MNIST, 50,000 iterations"
    assert json.loads(table.to_json(orient="records"))


def test_two_judgements_of_one_table_are_equal() -> None:
    first, second = (scorecard({"fresh": study()}, {"fresh": whole(study())}) for _ in range(2))
    assert [dataclasses.astuple(line(one)) for one in first] == [dataclasses.astuple(line(one)) for one in second]


def test_every_reading_has_a_name() -> None:
    assert set(judged("1", fresh=study()).findings) == set(stats.READINGS)
