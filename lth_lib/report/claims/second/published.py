"""A size that a source text gives: what is asked of it, and how the rules say it."""

from __future__ import annotations

import dataclasses
import math

from lth_lib.report.claims.second.questions import Direction, Question, Size
from lth_lib.report.claims.second.wording import hundredths


@dataclasses.dataclass(frozen=True)
class Published:
    """The question whether a published size is met: half of it is enough, and more than twice is too much.

    `name` says it in a reason, `said` and `bound` in a rule's sentence, after the `definition` if it needs one.
    """

    question: Question
    name: str
    said: str
    bound: str = ""
    definition: str = ""

    @property
    def met(self) -> str:
        """What a rule says of a size that is met."""
        return f"{self.said} is met{self.bound}"


def points(size: float) -> Published:
    """Return the question whether a difference is met: from half of it to twice."""
    asked, name = Size(size / 2, 2 * size), f"+{hundredths(size)} points"
    return Published(asked, name, f"{name} ({hundredths(asked.low)} to {hundredths(asked.high)})")


def more_than(size: float) -> Published:
    """Return the question whether a difference is more than a published one: above half of it."""
    name, half = f"more than {hundredths(size)} points", hundredths(size / 2)
    return Published(Direction(size / 2, size / 2), f"{name} (above {half})", name, f" (wholly above +{half})")


def times(size: float) -> Published:
    """Return the question whether a ratio is met: its logarithm from half to twice."""
    asked, name = Size(math.sqrt(size), size**2), f"{size:.3g} times"
    return Published(asked, name, f"{name} ({asked.low:.2f} to {asked.high:.2f})")


def sooner(share: float) -> Published:
    """Return the question whether something stops earlier by a share: by the ratio that this is."""
    ratio, name = times(1 / (1 - share)), f"{hundredths(share)} %"
    definition = f"{name} earlier is a ratio of 1 over {1 - share:g}"
    return Published(ratio.question, f"by {name}, {ratio.said}", "the size", definition=definition)
