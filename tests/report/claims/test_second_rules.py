"""The second edition's rules are whole: every verdict is defined, and a claim is named once for each data set."""

from lth_lib.report.claims.second.common import COMMON, LEAST, MARGIN, TEMPO
from lth_lib.report.claims.second.rules import RULES
from lth_lib.report.stats import READINGS


def test_every_rule_says_when_each_verdict_falls() -> None:
    for rule in RULES:
        assert all(word in rule.rule for word in ("Reproduced:", "Not reproduced:", "Undecided:")), rule.key
        assert "Partly:" in rule.rule or "no partly" in rule.rule, rule.key
        assert rule.reading in READINGS


def test_a_claim_is_named_once_for_each_data_set() -> None:
    keys = [(rule.data, rule.key) for rule in RULES]
    assert len(set(keys)) == len(keys)
    mnist = [key for data, key in keys if data == "MNIST"]
    assert mnist == ["1", "2", "3a", "3b", "4", "5", "6", "13a", "13b", "14"]
    assert {key for data, key in keys if data == "Fashion-MNIST"} == {"1", "2", "14", "17"}
    assert [key for data, key in keys if data == "CIFAR-10"] == ["7"]


def test_published_sizes_are_judged_at_early_stopping_and_what_has_none_at_the_end() -> None:
    for rule in RULES:
        assert (rule.reading == "accuracy_at_early_stop") == (rule.key in ("4", "5", "6", "7", "13b")), rule.key


def test_the_words_state_the_margins_that_the_code_uses() -> None:
    words = " ".join(COMMON)
    assert f"{MARGIN * 100:g} points" in words
    assert f"below {TEMPO:g}." in words
    assert {3: "fewer than three replicates"}[LEAST] in words
