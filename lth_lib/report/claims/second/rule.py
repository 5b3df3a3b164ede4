"""A rule of the second edition."""

from __future__ import annotations

import dataclasses

from lth_lib.report.claims.second.comparison import StudyCell
from lth_lib.report.claims.second.judgements import Judgement

AT_END, AT_EARLY_STOP = "accuracy_at_end", "accuracy_at_early_stop"


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a source text says, what is published, and how it is judged.

    `preface` and `remark` stand around the judgement's sentence; `part` tells two claims of one number apart, `reading`
    is the column of accuracy it is judged by. Where not the text's own words are judged, `judged` says what is.
    """

    number: int
    source: str
    text: str
    published: str
    judgement: Judgement
    data: str = "MNIST"
    part: str = ""
    reading: str = AT_END
    preface: str = ""
    remark: str = ""
    judged: str = ""

    @property
    def claim(self) -> str:
        """The statement that is judged."""
        return self.judged or self.text

    @property
    def written(self) -> str:
        """The text's own words, where others are judged."""
        return self.text if self.judged else ""

    @property
    def key(self) -> str:
        """The claim's name on the scorecard: unique among the rules of one data set."""
        return f"{self.number}{self.part}"

    @property
    def rule(self) -> str:
        """The whole rule in words."""
        return " ".join(filter(None, (self.preface, self.judgement.sentence, self.remark)))

    @property
    def cells(self) -> tuple[StudyCell, ...]:
        """The cells without which it is not judged, each once, level by level."""
        return tuple(sorted(dict.fromkeys(self.judgement.cells), key=lambda cell: (cell.level, cell.study)))

    @property
    def studies(self) -> tuple[str, ...]:
        """The studies whose tables it reads."""
        return tuple(dict.fromkeys(cell.study for cell in self.cells))
