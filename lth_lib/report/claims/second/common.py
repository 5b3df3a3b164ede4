"""What all rules of the second edition have in common."""

from __future__ import annotations

from lth_lib.report.claims.second.evidence import LEAST
from lth_lib.report.claims.second.questions import MARGIN, TEMPO
from lth_lib.report.claims.second.wording import hundredths, numeral

_MARGIN = f"{hundredths(MARGIN)} points"

COMMON = (
    "Every comparison is answered by its whole two-sided 95 % Student-t interval, never by its mean: yes, no, or "
    "undecided where the interval is too wide for either.",
    "A published size s is met if the whole interval lies between s/2 and 2s, and missed if it lies wholly outside; "
    "for a ratio this is said of the logarithms, so that twice as fast is met from 1.41 to 4 times. More than s is met "
    "if the whole interval lies above s/2, and missed if it lies below. A size of 0 is met if the whole interval lies "
    f"within {_MARGIN} of 0, and missed if it lies wholly outside.",
    "A direction without a size. More accurate: yes if the whole interval of the difference lies above 0; no if it "
    f"does not, and lies below +{_MARGIN}, the margin within which accuracies match. Earlier: yes if the whole "
    "interval of the ratio of early stops, the slower over the faster, lies above 1; no if it does not, and lies "
    f"below {TEMPO:g}. Matches or exceeds: yes if the whole interval lies above -{_MARGIN}, no if it lies below.",
    "A ticket is compared with the dense network by all replicates of both (Welch; ratios by their logarithms), since "
    "pairing by seed gained nothing in the first study. So are tickets with each other: those of two levels, of "
    "iterative and one-shot pruning, of two scopes, since they share no masks. What shares masks is paired by seed: a "
    "ticket and its re-initialisations, which are averaged within their replicate first.",
    "Accuracy has three readings: at the end (the mean over the last fifth of the run's own steps, at least five test "
    "evaluations), at early stopping (where validation loss is first lowest, as in the paper), and at the best (where "
    "validation accuracy is first highest). Published sizes are judged at early stopping; claims without a size, at "
    "the end. The verdicts by the other readings stand beside.",
    "An early stop in the last tenth of training is a bound: at least so late. A ratio that contains one is bounded on "
    "one side only, and an answer that would need the other side is undecided.",
    "A rule that needs all of its parts is not corrected. Where a rule counts levels, those levels count whose answer, "
    "yes or no, stands after Holm's correction over all levels of the count.",
    "A study is judged once: when every training is stored of what a rule needs. Until then its claims are not tested, "
    "since to judge a part, and then again with more, would be to look twice.",
    "A replicate that diverged is left out of its comparisons and counted as missing. A claim is not tested when a "
    f"cell that it needs is missing, is not at the published density, or has fewer than {numeral(LEAST)} replicates.",
    "Undecided is not equal, and not reproduced is not refuted: each is said of these data and this training.",
)
"""One sentence or a few for each thing that all rules share, for the page."""

CLARIFIED = (
    "A replicate that never improved on its start has no early stop to divide by: it is left out of ratios, and "
    "counted as missing.",
    "The ranges of claim 13b are sizes of networks in the paper's own figure, so that claim is read at early stopping.",
)
"""What the sentences above left open, said on 27 November 2026, before any study was judged."""
