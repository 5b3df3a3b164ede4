"""The first edition: each verdict of each rule, on tables made by hand; and what it said of the first study."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lth_lib.experiments.studies import original
from lth_lib.report import stats
from lth_lib.report.claims import NOT_REPRODUCED, NOT_TESTED, PARTLY, REPRODUCED
from lth_lib.report.claims.first import CLAIMS, COMMON, Verdict, scorecard
from lth_lib.report.claims.first.judges import TICKETS, published_density
from lth_lib.results.compute import compute
from lth_lib.results.store import committed

SEEDS = np.arange(5)
WOBBLE = SEEDS - 2.0
"""How replicates differ, in units of a spread: the half width of the interval of their mean is 1.963 spreads."""

Cell = tuple[str, int]
ALL = [("winning ticket", n) for n in range(1, 21)] + [("re-initialised", n) for n in TICKETS]


def study(
    gain: Mapping[Cell, float] | float = 0.004,
    times: Mapping[Cell, float] | float = 1.6,
    spread: float = 0.0002,
    gap: float = -0.003,
) -> pd.DataFrame:
    """Return a study of five replicates; a cell is `gain` more accurate than dense and stops `times` as early.

    The re-initialised control gains nothing and is as fast as dense unless it is given.
    """
    parts = [rows(("dense", 0), 0, 1, 0, 0)]
    for cell in ALL:
        control = cell[0] == "re-initialised"
        parts.append(rows(cell, at(gain, cell, 0), at(times, cell, 1), 0 if control else spread, gap))
    return pd.concat(parts, ignore_index=True)


def at(value: Mapping[Cell, float] | float, cell: Cell, dense: float) -> float:
    """Return a cell's value; controls, and cells that are not given, are as the dense network is."""
    if isinstance(value, Mapping):
        return value.get(cell, dense)
    return dense if cell[0] == "re-initialised" else value


def rows(cell: Cell, gain: float, times: float, spread: float, gap: float) -> pd.DataFrame:
    """Return the rows of one series and level; replicates differ from each other far more than from their pairs."""
    series, level = cell
    accuracy = 0.98 + 0.001 * SEEDS + gain + spread * WOBBLE
    stop = (5000 + 1000 * SEEDS) / (times * np.exp(50 * spread * WOBBLE))
    columns: dict[str, Any] = {
        "series": series,
        "level": level,
        "digest": "a",
        "seed": SEEDS,
        "density": published_density(level),
        "early_stop": stop,
        "censored": False,
        "accuracy_at_early_stop": accuracy,
        "accuracy_at_end": accuracy,
        "gap_at_end": 0.02 + gap + spread * WOBBLE,
        "diverged": False,
        # The card reads what the first edition read, under the names that these columns have now.
        "censored_at_last": False,
        "accuracy_at_last": accuracy,
        "gap_at_last": 0.02 + gap + spread * WOBBLE,
    }
    return pd.DataFrame(columns)


def where(table: pd.DataFrame, series: str, level: int) -> pd.Series:
    """Return which rows are of a series and level."""
    return (table["series"] == series) & (table["level"] == level)


def ticket(level: int) -> Cell:
    """Return the winning ticket of a level."""
    return "winning ticket", level


def judged(number: int, table: pd.DataFrame) -> Verdict:
    """Return the verdict on one claim."""
    return CLAIMS[number].verdict(table)


def told(found: Verdict) -> str:
    """Return what was measured as one text."""
    return "; ".join(f"{name}: {'; '.join(items)}" if name else "; ".join(items) for name, items in found.measured)


def verdict(number: int, **what: Any) -> str:
    """Return the word of the verdict on one claim in a made study."""
    return judged(number, study(**what)).verdict


def all_levels(value: float, **other: float) -> dict[Cell, float]:
    """Return `value` for every ticket, but `l7=...` at level 7."""
    return {ticket(n): other.get(f"l{n}", value) for n in range(1, 21)}


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


# Claim 1: two comparisons at four densities.


def test_1_reproduced_also_when_tickets_only_match() -> None:
    assert verdict(1) == REPRODUCED
    assert verdict(1, gain=-0.0015) == REPRODUCED  # low = -0.15 - 0.04 points, within the margin


def test_1_partly_when_half_of_each_holds() -> None:
    found = judged(1, study(gain=all_levels(0.003, l10=-0.01, l13=-0.01)))
    assert found.verdict == PARTLY
    assert "matches or exceeds dense at 2 of 4 densities (not at 10.8 %, 5.6 %)" in found.reason


def test_1_not_reproduced_when_one_of_the_two_holds_at_a_single_density() -> None:
    assert verdict(1, gain=all_levels(-0.01, l7=0.003)) == NOT_REPRODUCED
    assert verdict(1, times=1.0) == NOT_REPRODUCED


def test_1_a_match_within_an_interval_wider_than_the_margin_is_none() -> None:
    assert verdict(1, gain=-0.0015, spread=0.0003) == NOT_REPRODUCED  # low = -0.15 - 0.059 points


# Claim 2: two comparisons with the re-initialised, at five densities.


def test_2_reproduced() -> None:
    assert verdict(2) == REPRODUCED


def test_2_partly_when_only_slower() -> None:
    assert verdict(2, gain=0.0) == PARTLY


def test_2_not_reproduced_when_each_holds_at_too_few() -> None:
    few = {ticket(7): 0.004, ticket(9): 0.004}
    assert verdict(2, gain=few, times={ticket(7): 1.6, ticket(9): 1.6}) == NOT_REPRODUCED
    assert verdict(2, gain=few | {ticket(10): 0.004}, times=1.0) == PARTLY


def test_2_averages_the_three_re_initialisations_within_their_replicate() -> None:
    table = study()
    own = table[table["series"] == "re-initialised"]
    thrice = [
        own.assign(run=str(i), accuracy_at_early_stop=own["accuracy_at_early_stop"] + 0.001 * i) for i in (-1, 0, 1)
    ]
    repeated = pd.concat([table[table["series"] != "re-initialised"], *thrice])
    assert judged(2, repeated) == judged(2, table)


# Claim 3: earlier, by 38 %, and earliest of all.


def earliest(times: float, others: float, **what: Any) -> Verdict:
    """Return the verdict on claim 3 when level 7 stops `times` as early as dense, and the other levels `others`."""
    return judged(3, study(times=all_levels(others, l7=times), **what))


def test_3_reproduced() -> None:
    found = earliest(1 / 0.62, 1.4)
    assert found.verdict == REPRODUCED
    assert told(found).startswith("at 21.1 % 38.00 % (")
    assert told(found).endswith("lowest early stop at 21.1 %")


def test_3_reproduced_when_not_to_be_told_from_the_earliest() -> None:
    table = study(times=all_levels(1.4, l7=1.6, l6=1.61))
    unsteady = table["early_stop"] * np.exp(0.02 * np.where(where(table, *ticket(6)), table["seed"] % 2, 0))
    found = judged(3, table.assign(early_stop=unsteady))
    assert found.verdict == REPRODUCED
    assert judged(3, study(times=all_levels(1.4, l7=1.6, l6=1.61))).verdict == PARTLY  # always by 0.6 %: that is shown


@pytest.mark.parametrize(("times", "others"), [(3.0, 1.4), (1.1, 1.0), (1.6, 2.0)])
def test_3_partly_when_earlier_but_not_so_much_or_not_the_earliest(times: float, others: float) -> None:
    assert earliest(times, others).verdict == PARTLY


@pytest.mark.parametrize("times", [1.0, 0.6, 1.015])
def test_3_not_reproduced_unless_the_interval_excludes_equal_speed(times: float) -> None:
    assert earliest(times, 0.9).verdict == NOT_REPRODUCED  # 1.015 times, with an interval from 0.995


def test_3_a_censored_ticket_cannot_be_earlier_and_a_censored_dense_run_has_no_size() -> None:
    table = study(times=all_levels(1.4, l7=1.6))
    censored = table.assign(censored=where(table, *ticket(7)))
    assert judged(3, censored).verdict == NOT_REPRODUCED
    assert "censored early stops of the faster" in told(judged(3, censored))
    assert judged(3, table.assign(censored=where(table, "dense", 0))).verdict == PARTLY


# Claims 4 and 5: accuracy at one density.


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        (0.004, REPRODUCED),
        (0.0027, REPRODUCED),  # up to 0.309 points
        (0.0025, PARTLY),  # up to 0.289
        (0.0005, PARTLY),  # from 0.011
        (0.0003, NOT_REPRODUCED),  # from -0.009
        (-0.004, NOT_REPRODUCED),
    ],
)
def test_4(gain: float, expected: str) -> None:
    assert verdict(4, gain={ticket(9): gain}) == expected


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        (0.0, REPRODUCED),
        (-0.0015, REPRODUCED),  # from -0.189 points
        (0.0017, PARTLY),  # up to 0.209
        (-0.0019, PARTLY),
        (0.0021, NOT_REPRODUCED),
        (-0.01, NOT_REPRODUCED),
    ],
)
def test_5(gain: float, expected: str) -> None:
    assert verdict(5, gain={ticket(15): gain}) == expected


# Claim 6: ticket against re-initialised, at 21.1 %.


@pytest.mark.parametrize(
    ("gain", "times", "expected"),
    [
        (0.005, 2.51, REPRODUCED),
        (0.008, 2.51, PARTLY),  # too good
        (0.005, 1.5, PARTLY),  # not so fast
        (0.0, 2.51, PARTLY),  # only faster
        (0.005, 1.0, PARTLY),  # only better
        (0.0, 1.0, NOT_REPRODUCED),
        (-0.005, 0.4, NOT_REPRODUCED),
    ],
)
def test_6(gain: float, times: float, expected: str) -> None:
    assert verdict(6, gain={ticket(7): gain}, times={ticket(7): times}) == expected


# Claim 14: the gap between training and test accuracy.


def test_14_reproduced() -> None:
    assert verdict(14) == REPRODUCED


def test_14_a_gap_that_is_small_because_the_network_fits_less_does_not_count() -> None:
    assert verdict(14, gain=all_levels(0.0, l13=-0.02)) == PARTLY
    assert verdict(14, gain=all_levels(-0.02, l13=0.0)) == NOT_REPRODUCED


@pytest.mark.parametrize("gap", [0.0, 0.003, -0.0003])
def test_14_not_reproduced_unless_the_interval_excludes_an_equal_gap(gap: float) -> None:
    assert verdict(14, gap=gap) == NOT_REPRODUCED  # -0.03 points, with an interval up to 0.009


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
