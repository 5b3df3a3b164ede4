"""The second edition of the rules, written before the studies that it judges were run."""

from lth_lib.report.claims.second.absent import ABSENT, Absent
from lth_lib.report.claims.second.card import Verdict, judge, line, scorecard, tabulated
from lth_lib.report.claims.second.common import CLARIFIED, COMMON
from lth_lib.report.claims.second.evidence import Planned, Tables
from lth_lib.report.claims.second.finding import DECIDES
from lth_lib.report.claims.second.key import KEYS, key_results
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules import RULES

__all__ = [
    "ABSENT",
    "CLARIFIED",
    "COMMON",
    "DECIDES",
    "KEYS",
    "RULES",
    "Absent",
    "Planned",
    "Rule",
    "Tables",
    "Verdict",
    "judge",
    "key_results",
    "line",
    "scorecard",
    "tabulated",
]
