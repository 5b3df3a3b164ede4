"""What replicates let us say."""

from lth_lib.stats.compare import FEWEST, Cell, censored, difference, pooled, speedup, survival
from lth_lib.stats.intervals import Interval, interval, paired, ratio
from lth_lib.stats.tables import (
    EarlyStop,
    Result,
    Table,
    average_within,
    curves,
    early_stopping,
    layers,
    pairs,
    reaching,
    tidy,
)
from lth_lib.stats.units import ITERATIONS, PERCENT, POINTS, TIMES, Unit, describe, describe_reached

__all__ = [
    "FEWEST",
    "ITERATIONS",
    "PERCENT",
    "POINTS",
    "TIMES",
    "Cell",
    "EarlyStop",
    "Interval",
    "Result",
    "Table",
    "Unit",
    "average_within",
    "censored",
    "curves",
    "describe",
    "describe_reached",
    "difference",
    "early_stopping",
    "interval",
    "layers",
    "paired",
    "pairs",
    "pooled",
    "ratio",
    "reaching",
    "speedup",
    "survival",
    "tidy",
]
