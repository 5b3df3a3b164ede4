"""How verdicts are counted."""

from lth_lib.report.claims import NOT_TESTED, PARTLY, REPRODUCED, tally


def test_verdicts_are_counted_in_their_own_order() -> None:
    assert tally([NOT_TESTED, REPRODUCED, PARTLY, REPRODUCED]) == "2 reproduced, 1 partly, 1 not tested"
    assert tally([]) == ""
