"""The first edition of the rules (commit 94d203a); what they said of the first study stays as it was said."""

from lth_lib.report.claims.first.card import CLAIMS, line, scorecard
from lth_lib.report.claims.first.rule import COMMON, Claim, Verdict

__all__ = ["CLAIMS", "COMMON", "Claim", "Verdict", "line", "scorecard"]
