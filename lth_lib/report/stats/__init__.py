"""What replicates let us say."""

from lth_lib.report.stats.agreement import AGAIN, LOST, NEITHER, NEW, TURNED, asked, asked_again
from lth_lib.report.stats.alongside import Advised, advice, leads_again, on_both, over, rank_correlation
from lth_lib.report.stats.columns import COLUMNS
from lth_lib.report.stats.compare import FEWEST, Cell, censored, difference, pooled, speedup, survival
from lth_lib.report.stats.early import at_iteration, iterations_to
from lth_lib.report.stats.guide import NEEDS, Answer, Condition, Need, answers
from lth_lib.report.stats.intervals import Interval, interval, paired, ratio
from lth_lib.report.stats.leaders import leaders, leads, standings
from lth_lib.report.stats.levels import (
    before_dense,
    before_each,
    beside_controls,
    densities,
    down_to,
    each_level,
    over_dense,
)
from lth_lib.report.stats.many import holm, p_value, ratios_standing, standing
from lth_lib.report.stats.methods import COSTS, behind, best, front, methods, not_shown_worse, smaller
from lth_lib.report.stats.readings import READINGS, EarlyStop, early_stopping, known_readings, reaching, sampling_error
from lth_lib.report.stats.series import Contrasts, beside_ways, between_ways, over_other, renamed, without_gone
from lth_lib.report.stats.tables import Table, average_within, by_study, curves, layers, pairs, tidy, values, whole
from lth_lib.report.stats.units import ITERATIONS, PERCENT, POINTS, TIMES, Unit, briefly, describe, told, told_reached
from lth_lib.report.stats.welch import welch, welch_ratio

__all__ = [
    "AGAIN",
    "COLUMNS",
    "COSTS",
    "FEWEST",
    "ITERATIONS",
    "LOST",
    "NEEDS",
    "NEITHER",
    "NEW",
    "PERCENT",
    "POINTS",
    "READINGS",
    "TIMES",
    "TURNED",
    "Advised",
    "Answer",
    "Cell",
    "Condition",
    "Contrasts",
    "EarlyStop",
    "Interval",
    "Need",
    "Table",
    "Unit",
    "advice",
    "answers",
    "asked",
    "asked_again",
    "at_iteration",
    "average_within",
    "before_dense",
    "before_each",
    "behind",
    "beside_controls",
    "beside_ways",
    "best",
    "between_ways",
    "briefly",
    "by_study",
    "censored",
    "curves",
    "densities",
    "describe",
    "difference",
    "down_to",
    "each_level",
    "early_stopping",
    "front",
    "holm",
    "interval",
    "iterations_to",
    "known_readings",
    "layers",
    "leaders",
    "leads",
    "leads_again",
    "methods",
    "not_shown_worse",
    "on_both",
    "over",
    "over_dense",
    "over_other",
    "p_value",
    "paired",
    "pairs",
    "pooled",
    "rank_correlation",
    "ratio",
    "ratios_standing",
    "reaching",
    "renamed",
    "sampling_error",
    "smaller",
    "speedup",
    "standing",
    "standings",
    "survival",
    "tidy",
    "told",
    "told_reached",
    "values",
    "welch",
    "welch_ratio",
    "whole",
    "without_gone",
]
