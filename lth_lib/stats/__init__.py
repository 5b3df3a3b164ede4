"""What replicates let us say."""

from lth_lib.stats.compare import FEWEST, Cell, censored, difference, pooled, speedup, survival
from lth_lib.stats.intervals import Interval, interval, paired, ratio
from lth_lib.stats.many import holm, p_value, standing
from lth_lib.stats.readings import READINGS, EarlyStop, early_stopping, known_readings, reaching, sampling_error
from lth_lib.stats.tables import (
    Result,
    Table,
    average_within,
    by_study,
    curves,
    layers,
    pairs,
    tidy,
    values,
)
from lth_lib.stats.units import ITERATIONS, PERCENT, POINTS, TIMES, Unit, describe, describe_reached
from lth_lib.stats.welch import welch, welch_ratio

__all__ = [
    "FEWEST",
    "ITERATIONS",
    "PERCENT",
    "POINTS",
    "READINGS",
    "TIMES",
    "Cell",
    "EarlyStop",
    "Interval",
    "Result",
    "Table",
    "Unit",
    "average_within",
    "by_study",
    "censored",
    "curves",
    "describe",
    "describe_reached",
    "difference",
    "early_stopping",
    "holm",
    "interval",
    "known_readings",
    "layers",
    "p_value",
    "paired",
    "pairs",
    "pooled",
    "ratio",
    "reaching",
    "sampling_error",
    "speedup",
    "standing",
    "survival",
    "tidy",
    "values",
    "welch",
    "welch_ratio",
]
