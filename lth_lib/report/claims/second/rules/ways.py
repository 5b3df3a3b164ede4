"""What is asked of tickets and fine-tuning."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import Side, over
from lth_lib.report.claims.second.judgements import Asked, Counted
from lth_lib.report.claims.second.questions import BETTER, MATCHES
from lth_lib.report.claims.second.rule import Rule

WENT_ON = (3, 7, 10, 13, 18, 20)


def tickets_or_tuning(study: str, data: str) -> Rule:
    """Return claim 18 of a study."""
    ticket, tuned, fresh = (
        Side(study, f"{way}, once, {ending}", word)
        for way, ending, word in (
            ("reset", "falling", "ticket"),
            ("fine-tuned", "constant", "fine-tuned"),
            ("re-initialised", "falling", "re-initialised"),
        )
    )
    return Rule(
        18,
        "the plan alone",
        "At one mask, a winning ticket is as good as the fine-tuned network, and better than the re-initialised one.",
        "an open question; no size given",
        Counted(
            "the {count} levels from which networks went on ({densities})",
            "at one mask, the dense network's, pruned once",
            (
                Asked(
                    over(ticket, tuned, shared=True),
                    WENT_ON,
                    MATCHES,
                    "ticket minus fine-tuned test accuracy matches or exceeds",
                    "matches or exceeds fine-tuned",
                ),
                Asked(
                    over(ticket, fresh, shared=True),
                    WENT_ON,
                    BETTER,
                    "the ticket is more accurate than the re-initialised network",
                    "more accurate than re-initialised",
                ),
            ),
            needed=4,
            both=True,
        ),
        data,
        remark="Fine-tuned is trained on for a fifth of the steps at a tenth of the rate, the others for all of them, "
        "with the last fifth at a tenth of the rate: all end at the same.",
    )
