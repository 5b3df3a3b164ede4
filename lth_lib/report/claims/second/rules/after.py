"""What is said of pruning after training, in one shot, and of units."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import UNITS_OF_LENET, Comparison, Metric, Side, over
from lth_lib.report.claims.second.judgements import Asked, Pooled
from lth_lib.report.claims.second.questions import MATCHES
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules.before import COMPARED
from lth_lib.report.claims.second.rules.sides import dense

LAST = Metric("accuracy at the last iteration", "test accuracy at the last iteration", "accuracy_at_last")
"""What is kept without training has one evaluation, and so no mean of many."""

HALF, THIRD = (3,), (5,)
"""The levels nearest to half of the weights, and to the 30 % that 70 % of sparsity leave."""


def one_shot_keeps(study: str, data: str) -> Rule:
    """Return claim 24 of a study."""
    start = dense(study)
    gpt, wanda = (Side(study, f"{name}, kept", name) for name in ("SparseGPT", "Wanda"))
    return Rule(
        24,
        "Frantar & Alistarh 2023 and Sun et al. 2024, of half; the note, also of 30 %",
        "SparseGPT and Wanda prune to half in one shot without loss, Wanda also to 30 %.",
        "of LLaMA-7B: at half little is lost; at 30 %, Wanda's perplexity goes from 5.7 to 86 in its own paper",
        Pooled(
            "the levels nearest to these densities",
            "of the dense network pruned, and not trained on, with the dense one as it was",
            (
                Asked(_kept(gpt, start), HALF, MATCHES, "SparseGPT matches (at {densities})", "SparseGPT"),
                Asked(_kept(wanda, start), HALF, MATCHES, "Wanda matches (at {densities})", "Wanda"),
                Asked(_kept(wanda, start), THIRD, MATCHES, "Wanda matches (at {densities})", "Wanda sparser"),
            ),
            needed=2,
        ),
        data,
        preface="Of the networks that it is said of, the latter is wrong. Judged is the same of these small ones, "
        "by accuracy at the last iteration:",
        remark="Both are one network, so they are paired by seed.",
        judged="SparseGPT and Wanda prune these small networks to half of their weights in one shot without losing "
        "accuracy, Wanda also to 30 % of them.",
    )


def _kept(pruned: Side, start: Side) -> Comparison:
    """Return what a network keeps of itself when it is pruned."""
    return Comparison(LAST, pruned, start, shared=True)


def scratch_is_as_good(study: str, data: str) -> Rule:
    """Return claim 33 of a study."""
    small = {name: _small(study, name) for name in ("magnitude", "geometric median")}
    return Rule(
        33,
        "Liu et al. 2019",
        "Once whole units are pruned, the small network trained from scratch is as good as the one that is fine-tuned.",
        "of convolutional networks; no size given for these",
        Pooled(
            "the {count} levels at which methods are compared",
            "of the small network trained from scratch with the same one fine-tuned",
            tuple(
                Asked(over(*pair, shared=True), COMPARED, MATCHES, f"by {name}, it matches (at {{densities}})", name)
                for name, pair in small.items()
            ),
            needed=4,
        ),
        data,
        remark="Densities are those of the masks; without the columns that read what is gone, networks are as dense as "
        "the levels.",
    )


def _small(study: str, name: str) -> tuple[Side, Side]:
    """Return the small network of a criterion, trained from scratch and fine-tuned."""
    words = {"from scratch": f"by {name}, from scratch", "fine-tuned": "fine-tuned"}
    new, tuned = (Side(study, f"{name}, {way}", word, UNITS_OF_LENET) for way, word in words.items())
    return new, tuned
