"""Times in turns: rates by the median, ratios within each turn."""

from __future__ import annotations

from dataclasses import replace

from lth_lib.report.turns import Bench, Ratio, Row, low, times_as_fast

FAST, SLOW = Row("fast", (1.0, 2.0, 4.0), 8, "steps", 16.0), Row("slow", (2.0, 8.0, 8.0), 4, "steps")


def test_a_rate_is_by_the_median_turn() -> None:
    assert (FAST.median, FAST.rate, FAST.flops, SLOW.rate) == (2.0, 4.0, 8.0, 0.5)


def test_a_ratio_pairs_the_turns() -> None:
    assert times_as_fast(FAST, SLOW) == Ratio(median=4.0, low=4.0, high=8.0)


def test_bfloat16_is_compared_with_the_plain_loop_of_its_network() -> None:
    half, plain = replace(FAST, name="A, bfloat16"), replace(SLOW, name="A, plain loop")
    rows = [half, plain, replace(FAST, name="A, 3 replicates"), replace(SLOW, name="B, plain loop")]
    assert low(rows) == {"A": Ratio(0.25, 0.125, 0.25)}
    assert low([half]) == {}


def test_a_table_that_was_not_taken_has_no_rows() -> None:
    bench = Bench({}, {"limit": [FAST, SLOW]}, {})
    assert bench.named("limit") == {"fast": FAST, "slow": SLOW}
    assert bench.named("ladder") == {}
