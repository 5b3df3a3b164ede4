"""An overview has one line for each claim, which leads to its place."""

import re

from lth_lib.report.claims import NOT_REPRODUCED, REPRODUCED, Line
from lth_lib.report.overview import overview_html


def line(key: str, verdict: str) -> Line:
    return Line(key, "the paper", f"It <wins> {key}.", "a lot", "a rule", verdict, "why", anchor=f"claim-{key}")


PAGE = overview_html(
    {"digits": [line("13b", NOT_REPRODUCED), line("13a", REPRODUCED), line("2", REPRODUCED)], "clothes": []}
)


def test_claims_are_grouped_by_verdict_and_stand_by_number_within() -> None:
    assert re.findall(r'href="#claim-(\w+)"', PAGE) == ["2", "13a", "13b"]
    assert '<th scope="row"><a href="#claim-2">It &lt;wins&gt; 2.</a></th>' in PAGE


def test_a_claim_has_its_verdict_and_its_data_by_which_it_is_found() -> None:
    assert '<td data-by="5">● reproduced</td><td>digits</td>' in PAGE
    assert "<option>○ not reproduced</option>" in PAGE
