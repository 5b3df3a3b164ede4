"""Values are shown in sentences with what belongs to them, and sentences that are not so stop the page."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from lth_lib.report.prose import Untrue, Value, arrival, glue, guard, how_many, measured
from lth_lib.report.stats import POINTS, TIMES, Interval

GAIN = Interval(0.0034, 0.0011, 0.0057, 5)


def test_a_mean_is_shown_and_its_interval_lies_beside() -> None:
    assert measured(GAIN, POINTS) == Value("0.34 points", "+0.11 to +0.57, n = 5")


def test_what_is_lost_is_the_negative_of_a_difference() -> None:
    assert measured(-GAIN, POINTS) == Value("−0.34 points", "−0.57 to −0.11, n = 5")
    assert measured(-Interval(-0.02, -0.03, -0.01, 5), POINTS).shown == "2.00 points"


def test_two_groups_and_notes_are_said_beside() -> None:
    found = Interval(1.5, 1.2, 1.9, 15, missing=1, note="some stops of dense are lower bounds", against=5)
    assert measured(found, TIMES).more == "1.20 to 1.90, n = 15 and 5, 1 missing; some stops of dense are lower bounds"


def test_a_single_replicate_has_no_interval_and_none_has_no_value() -> None:
    one, none = Interval(0.1, math.nan, math.nan, 1), Interval(math.nan, math.nan, math.nan, 0, missing=2)
    assert measured(one, POINTS) == Value("10.00 points", "n = 1, no interval")
    assert measured(none, POINTS) == Value("no value", "n = 0, 2 missing")


def test_where_a_replicate_does_not_arrive_there_is_no_mean() -> None:
    assert arrival([1000, 1200]) == Value("1,100 iterations", "-171 to 2,371, n = 2")
    assert arrival([1000, math.nan]) == Value("reached by 1 of 2 replicates")


def test_levels_are_counted_and_their_densities_named() -> None:
    densities = {3: 0.513, 7: 0.211, 13: 0.0562}
    assert how_many([7, 13], densities, densities) == Value("2 of 3", "with 21.1 %, 5.62 % of the weights")
    assert how_many([], densities, densities) == Value("0 of 3")


def test_markup_is_only_what_is_meant() -> None:
    assert Value("1 < 2", "n & m")._repr_html_() == (
        '<span class="lth-value" tabindex="0">1 &lt; 2<span class="lth-more"> (n &amp; m)</span></span>'
    )
    assert Value("12")._repr_html_() == "<span>12</span>"


@pytest.fixture
def notebook() -> Iterator[None]:
    """Run within a shell, as a notebook's cells do, so that what is displayed can be caught."""
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()


@pytest.mark.usefixtures("notebook")
def test_glued_values_are_found_by_name() -> None:
    with capture_output() as shown:
        glue(gain=measured(GAIN, POINTS), runs=1200, data="MNIST")
    names = [output.metadata["scrapbook"]["name"] for output in shown.outputs]
    texts = [output.data["text/plain"] for output in shown.outputs]
    assert dict(zip(names, texts, strict=True)) == {
        "gain": "0.34 points (+0.11 to +0.57, n = 5)",
        "runs": "1,200",
        "data": "MNIST",
    }


def test_a_sentence_that_is_not_so_stops_the_page() -> None:
    guard("paper")("tickets win", GAIN.low > 0)
    with pytest.raises(Untrue, match=r"The page says: tickets win\. Its results do not"):
        guard("paper")("tickets win", GAIN.low > 0.01)


def test_words_do_not_speak_of_a_rehearsal() -> None:
    guard("quick")("tickets win", False)
