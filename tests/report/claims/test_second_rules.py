"""The second edition's rules: each is one value, from which come its sentence, its cells and its judgement."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lth_lib.experiments.studies import named
from lth_lib.report.claims.second.common import COMMON
from lth_lib.report.claims.second.comparison import (
    ACCURACY,
    CONV_2,
    LENET_300_100,
    Comparison,
    Side,
    StudyCell,
    before,
    over,
)
from lth_lib.report.claims.second.evidence import LEAST
from lth_lib.report.claims.second.judgements import Ahead, Asked, Claimed, Counted, Judgement, Pooled
from lth_lib.report.claims.second.published import Published, more_than, points, sooner, times
from lth_lib.report.claims.second.questions import BETTER, EARLIER, MARGIN, MATCHES, TEMPO, Size
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules import RULES
from lth_lib.report.claims.second.rules.sides import PLAN, again, dense, once, ticket
from lth_lib.report.stats import READINGS
from lth_lib.spec import SpecError

EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.data}-{rule.key}")
NUMBER = re.compile(r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|half|twice)\b")
OWN = Asked(over(ticket("fresh"), dense("fresh")), PLAN, MATCHES, "test accuracy matches", "matches")


def values(value: Any) -> Iterator[Any]:
    """Yield a value and all that it is made of."""
    yield value
    inside = value if isinstance(value, tuple) else ()
    if dataclasses.is_dataclass(value):
        inside = tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    for one in inside:
        yield from values(one)


def words(rule: Rule) -> list[str]:
    """Return the words that are typed in a rule: all but slots, and the text of a size, which its number makes."""
    sizes = {text for size in values(rule.judgement) if isinstance(size, Published) for text in values(size)}
    typed = [*values(rule.judgement), rule.preface, rule.remark]
    return [re.sub(r"\{\w+\}", "", text) for text in typed if isinstance(text, str) and text not in sizes]


@EACH
def test_every_rule_says_when_each_verdict_falls(rule: Rule) -> None:
    assert all(word in rule.rule for word in ("Reproduced:", "Not reproduced:", "Undecided:"))
    assert "Partly:" in rule.rule or "no partly" in rule.rule
    assert "{" not in rule.rule
    assert rule.reading in READINGS


@EACH
def test_where_other_words_are_judged_they_are_the_claim(rule: Rule) -> None:
    assert bool(rule.written) == ("Judged is" in rule.preface)
    assert rule.claim == (rule.judged if rule.written else rule.text)


@EACH
def test_every_number_in_a_rules_sentence_comes_from_its_values(rule: Rule) -> None:
    typed = [text.replace("of claim 1", "of a claim") for text in words(rule)]
    assert len(typed) > 2
    assert [text for text in typed if NUMBER.search(text)] == []


@EACH
def test_a_rule_says_its_levels_and_its_sizes(rule: Rule) -> None:
    said = rule.rule if rule.key != "14" else " ".join(r.rule for r in RULES if (r.data, r.key) == (rule.data, "1"))
    asked = [one for one in values(rule.judgement) if isinstance(one, Asked)]
    ends = [one.compared.cell(level).percent for one in asked for level in (one.levels[0], one.levels[-1])]
    claimed = [one for one in values(rule.judgement) if isinstance(one, Claimed)]
    numbers = [*ends, *(one.compared.cell(one.level).percent for one in claimed)]
    if rule.key == "17":  # it names levels
        numbers = [str(level) for level in asked[0].levels]
    assert numbers or rule.key in ("3b", "5")
    assert [number for number in numbers if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", said)] == []
    assert all(one.size.said in said for one in claimed)


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule.judgement, Counted | Pooled | Ahead)])
def test_another_number_of_answers_that_are_needed_makes_another_sentence(rule: Rule) -> None:
    assert isinstance(rule.judgement, Counted | Pooled | Ahead)
    other = dataclasses.replace(rule.judgement, needed=rule.judgement.needed - 1)
    assert other.sentence != rule.judgement.sentence


def test_the_levels_of_claim_14_are_those_of_claim_1_as_it_says() -> None:
    for data in ("MNIST", "Fashion-MNIST"):
        one, other = (next(r for r in RULES if (r.data, r.key) == (data, key)).judgement for key in ("1", "14"))
        assert isinstance(one, Counted)
        assert isinstance(other, Counted)
        assert one.pair[0].levels == other.pair[0].levels


@EACH
def test_the_studies_plan_every_cell_that_a_rule_needs(rule: Rule) -> None:
    planned = {study: named(study).build("paper").planned for study in rule.studies}
    assert len(rule.cells) > 1
    assert [cell.name for cell in rule.cells if not planned[cell.study].get(cell.key)] == []


@EACH
def test_a_rule_needs_what_it_compares_each_once_and_level_by_level(rule: Rule) -> None:
    compared = {cell for asked in values(rule.judgement) if isinstance(asked, Asked | Claimed) for cell in asked.cells}
    assert compared <= set(rule.cells)
    assert len(set(rule.cells)) == len(rule.cells)
    assert [cell.level for cell in rule.cells] == sorted(cell.level for cell in rule.cells)


ONE_NETWORK = ({"SparseGPT, kept", "dense"}, {"Wanda, kept", "dense"}, {"RigL", "RigL's mask"})
"""What is pruned and not trained is compared with itself; a mask, with the training that made it."""


@EACH
def test_what_shares_masks_is_paired_and_nothing_else(rule: Rule) -> None:
    for one in values(rule.judgement):
        if isinstance(one, Comparison):
            sides = {one.left.series, one.right.series}
            same = sides == {"winning ticket", "re-initialised"} or all(", once, " in side for side in sides)
            scratch = len({side.rpartition(", ")[0] for side in sides}) == 1 and any("scratch" in s for s in sides)
            assert one.shared == ((same or scratch or sides in ONE_NETWORK) and one.left.study == one.right.study)


def test_rules_are_values() -> None:
    assert len(set(RULES)) == len(RULES)
    for kind in Judgement.__subclasses__():
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert any(isinstance(rule.judgement, kind) for rule in RULES), f"no rule is judged by {kind.__name__}"


def test_a_claim_is_named_once_for_each_data_set() -> None:
    keys = [(rule.data, rule.key) for rule in RULES]
    assert len(set(keys)) == len(keys)
    mnist = [key for data, key in keys if data == "MNIST"]
    assert mnist == ["1", "2", "3a", "3b", "4", "5", "6", "13a", "13b", "14", "18", "24", "30", "31", "32", "33"]
    assert {key for data, key in keys if data == "Fashion-MNIST"} == {
        "1",
        "2",
        "14",
        "17",
        "18",
        "24",
        "30",
        "31",
        "32",
        "33",
    }
    assert [key for data, key in keys if data == "CIFAR-10"] == ["7"]


def test_published_sizes_are_judged_at_early_stopping_and_what_has_none_at_the_end() -> None:
    for rule in RULES:
        assert (rule.reading == "accuracy_at_early_stop") == (rule.key in ("4", "5", "6", "7", "13b")), rule.key


def test_the_words_state_the_margins_that_the_code_uses() -> None:
    words = " ".join(COMMON)
    assert f"{MARGIN * 100:g} points" in words
    assert f"below {TEMPO:g}." in words
    assert {3: "fewer than three replicates"}[LEAST] in words
    twice = times(2).question
    assert isinstance(twice, Size)
    assert f"twice as fast is met from {twice.low:.2f} to {twice.high:g} times" in words


# Another value, another sentence.


def counted(needed: int = 2, *, both: bool = True, levels: tuple[int, ...] = PLAN) -> Counted:
    """Return a count of two comparisons."""
    pair = (dataclasses.replace(OWN, levels=levels), dataclasses.replace(OWN, levels=levels, said="it is earlier"))
    return Counted("the {count} levels ({densities})", "with dense", pair, needed, both)


def test_a_count_says_what_is_needed_and_when_that_is_out_of_reach() -> None:
    assert counted().sentence == (
        "At the four levels (51.3, 21.1, 10.8 and 5.6 %), two comparisons with dense: test accuracy matches, and it is "
        "earlier. Reproduced: all eight are yes. Partly: each of the two is yes at two or more of the four densities. "
        "Not reproduced: one of the two is no at three or more. Undecided: otherwise."
    )
    assert "at one or more of the two densities. Not reproduced: both are no at two or more." in (
        counted(1, both=False, levels=(3, 7)).sentence
    )
    long = counted(1, levels=tuple(range(1, 7))).sentence
    assert "Reproduced: all 12 are yes." in long


def test_one_comparison_is_a_pool_of_its_own() -> None:
    told = Pooled("the {count} levels ({densities})", "with dense", (OWN,), 2).sentence
    assert told.startswith("At the four levels (51.3, 21.1, 10.8 and 5.6 %), one comparison with dense: test accuracy ")
    assert "Partly: two or more of the four are yes. Not reproduced: three or more are no." in told


def test_a_count_that_cannot_be_is_refused() -> None:
    for needed in (0, 5):
        with pytest.raises(SpecError, match=rf"needed was {needed}; of 4 answers, it is 1 to 4\."):
            counted(needed)
        with pytest.raises(SpecError, match="of 4 answers"):
            Pooled("", "", (OWN,), needed)
    with pytest.raises(SpecError, match="over the same levels"):
        Counted("", "", (OWN, dataclasses.replace(OWN, levels=(3, 7))), 2, both=True)


def test_a_size_says_its_bounds() -> None:
    assert (times(2.51).said, times(2.51).name) == ("2.51 times (1.58 to 6.30)", "2.51 times")
    assert points(0.005).met == "+0.5 points (0.25 to 1) is met"
    assert more_than(0.003).met == "more than 0.3 points is met (wholly above +0.15)"
    assert sooner(0.5).definition == "50 % earlier is a ratio of 1 over 0.5"
    assert sooner(0.5).question == times(2).question
    assert sooner(0.5).name == "by 50 %, 2 times (1.41 to 4.00)"


def test_a_sentence_has_the_bounds_of_its_direction() -> None:
    turned = dataclasses.replace(OWN, direction=BETTER, said="above {yes}; no if below {no}")
    assert turned.sentence == "above 0; no if below +0.2 points"


def test_a_comparison_is_named_after_its_sides() -> None:
    own, control = ticket("fresh"), again("fresh")
    assert over(own, control, shared=True).name == "accuracy, ticket minus re-initialised"
    assert before(own, control).name == "early stop, re-initialised over ticket"
    assert before(once("one-shot"), dense("fresh")).said == "the ratio of dense over one-shot early stops"
    assert Comparison(ACCURACY, own, dense("fresh")).said == "ticket minus dense test accuracy"
    assert before(own, dense("fresh")).cells(7) == (
        StudyCell("fresh", "dense", 0, 1.0),
        StudyCell("fresh", "winning ticket", 7, LENET_300_100.density(7)),
    )
    assert before(own, dense("fresh")).cell(7) == over(own, dense("fresh")).cell(7) == own.cell(7)


def test_a_network_shrinks_as_published() -> None:
    assert LENET_300_100.density(1) == (0.8 * 265_200 + 0.9 * 1_000) / 266_200
    side = Side("convolutional", "winning ticket", "ticket", CONV_2)
    assert [side.cell(level).at for level in (0, 2, 17)] == ["100.0 %", "64.2 %", "2.4 %"]
    assert EARLIER.above == 1
