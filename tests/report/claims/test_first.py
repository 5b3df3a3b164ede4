"""The first edition: its card, what it cannot judge, and what it said of the first study."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from first_study import judged, study, ticket, told, where

from lth_lib.experiments.studies import original
from lth_lib.report import stats
from lth_lib.report.claims import NOT_TESTED
from lth_lib.report.claims.first import CLAIMS, COMMON, scorecard
from lth_lib.report.claims.first.judges import published_density
from lth_lib.results.compute import compute
from lth_lib.results.store import committed


def test_densities_are_the_published_ones() -> None:
    published = [80.04, 64.06, 51.28, 41.05, 32.87, 26.32, 21.07, 16.88, 13.52, 10.83]
    published += [8.68, 6.95, 5.57, 4.47, 3.58, 2.87, 2.31, 1.85, 1.49, 1.19]
    assert [round(published_density(n) * 100, 2) for n in range(1, 21)] == pytest.approx(published, abs=0.011)


def test_the_card_has_the_claims_in_order_with_their_rules() -> None:
    card = scorecard(study(), where="MNIST")
    assert [v.claim for v in card] == [1, 2, 3, 4, 5, 6, 14]
    for found in card:
        claim = CLAIMS[found.claim]
        assert claim.source in ("the plan", "the note", "the tutorial", "the paper")
        assert all(word in claim.rule for word in ("Reproduced:", "Partly:", "Not reproduced:"))
        assert found.measured
        assert "n = 5" in told(found)
        assert found.where == "MNIST"
    assert "paired by replicate" in COMMON[0]


def test_what_was_measured_is_a_list_for_each_quantity() -> None:
    found = judged(1, study())
    assert [name for name, _ in found.measured] == ["accuracy, ticket minus dense", "early stop, dense over ticket"]
    assert [len(items) for _, items in found.measured] == [4, 4]
    assert all(item.startswith("at ") for _, items in found.measured for item in items)
    assert json.loads(json.dumps(dataclasses.asdict(found)))["measured"][0][1] == list(found.measured[0][1])


# Not tested.


def test_what_is_missing_is_named() -> None:
    table = study()
    found = judged(6, table[table["series"] != "re-initialised"])
    assert (found.verdict, found.measured) == (NOT_TESTED, ())
    assert found.reason == "needs 're-initialised' at level 7 (21.1 %), which is missing"
    assert "'winning ticket' at level 20 (1.2 %)" in judged(3, table[table["level"] < 20]).reason


def test_every_claim_is_untested_without_results() -> None:
    empty = study().iloc[:0]
    assert {found.verdict for found in scorecard(empty)} == {NOT_TESTED}


def test_two_replicates_are_too_few() -> None:
    table = study()
    found = judged(4, table[table["seed"] < 2])
    assert found.verdict == NOT_TESTED
    assert "in at least 3 replicates, not 2" in found.reason
    assert judged(4, table[table["seed"] < 3]).verdict != NOT_TESTED


def test_replicates_that_are_not_the_same_are_no_pairs() -> None:
    table = study()
    apart = table.assign(seed=table["seed"] + np.where(where(table, *ticket(9)), 3, 0))
    found = judged(4, apart)
    assert found.verdict == NOT_TESTED
    assert "have 2 finished replicates in common" in found.reason


def test_a_level_at_another_density_is_not_the_claimed_one() -> None:
    table = study()
    other = table.assign(density=np.where(where(table, *ticket(9)), 0.2, table["density"]))
    assert "which here has 20.0 % of its weights" in judged(4, other).reason


def test_a_replicate_that_diverged_is_left_out_and_counted() -> None:
    table = study()
    found = judged(4, table.assign(diverged=where(table, *ticket(9)) & (table["seed"] == 0)))
    assert "n = 4, 1 missing" in told(found)
    assert judged(4, table.assign(diverged=table["seed"] < 3)).verdict == NOT_TESTED


def test_a_run_that_never_improved_has_no_speed() -> None:
    table = study()
    assert judged(6, table.assign(early_stop=0.0)).verdict == NOT_TESTED


def test_more_blocks_of_seeds_are_more_pairs() -> None:
    table = study()
    more = table[where(table, "dense", 0) | where(table, *ticket(9))]
    found = judged(4, pd.concat([table, more.assign(seed=more["seed"] + 5, run="b")]))
    assert "n = 10" in told(found)


# What it said of the first study.

SAID = {
    1: ("partly", "matches or exceeds dense at 4 of 4 densities, faster at 3 of 4 densities (not at 10.8 %)"),
    2: ("reproduced", "re-initialised less accurate at 5 of 5 densities, slower at 5 of 5 densities"),
    3: (
        "reproduced",
        "earlier than dense; 38 % lies within the interval; the lowest is at 16.9 %, from which it cannot be told",
    ),
    4: ("reproduced", "more accurate than dense; its interval reaches above +0.3 points"),
    5: (
        "not reproduced",
        "the mean is above dense and not within 0.2 points of dense; the whole interval is not within 0.2 points",
    ),
    6: ("partly", "faster, 2.51 times lies outside the interval; more accurate, +0.5 points lies outside the interval"),
    14: (
        "partly",
        "smaller gap at 2 of 4 densities (not at 51.3 %, 21.1 %), test accuracy kept at 4 of 4 densities, "
        "both at 2 of 4",
    ),
}


def test_the_verdicts_on_the_first_study_stay_what_they_were() -> None:
    study = original("paper")
    groups = study.found(compute(study.runs, store=committed(), train=False, partial=True))
    found = scorecard(stats.tidy(groups, dense=groups["dense"][0]))
    assert {one.claim: (one.verdict, one.reason) for one in found} == SAID
    assert "at 21.1 % +0.19 points (+0.07 to +0.31, n = 15)" in told(found[-1])  # of the last iteration, paired
