"""What is not tested is said: every number is that of a rule, or of a claim that has none."""

from lth_lib.report.claims.second import ABSENT, RULES


def test_each_claim_has_a_rule_or_is_said_to_have_none() -> None:
    absent, ruled = [claim.number for claim in ABSENT], {rule.number for rule in RULES}
    assert sorted([*absent, *ruled]) == list(range(1, max(*absent, *ruled) + 1))
    assert absent == sorted(absent)
