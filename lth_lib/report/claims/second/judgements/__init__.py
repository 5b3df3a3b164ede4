"""How answers make a verdict: one class for each way, which is the sentence, the cells and the judgement of a rule."""

from lth_lib.report.claims.second.judgements.base import Asked, Judgement
from lth_lib.report.claims.second.judgements.counts import Ahead, Counted, Pooled
from lth_lib.report.claims.second.judgements.several import AllThree, Earliest
from lth_lib.report.claims.second.judgements.sizes import BothSized, Claimed, Equal, Sized

__all__ = [
    "Ahead",
    "AllThree",
    "Asked",
    "BothSized",
    "Claimed",
    "Counted",
    "Earliest",
    "Equal",
    "Judgement",
    "Pooled",
    "Sized",
]
