"""A study is runs and questions, in an order in which every beginning is a smaller study."""

from __future__ import annotations

from lth_lib.experiments.studies.after import after, after_fashion
from lth_lib.experiments.studies.before import before, before_fashion
from lth_lib.experiments.studies.catalogue import ALL, Entry, named
from lth_lib.experiments.studies.convolutional import convolutional
from lth_lib.experiments.studies.during import during, during_fashion
from lth_lib.experiments.studies.fashion import fashion, fashion_global
from lth_lib.experiments.studies.literature import literature
from lth_lib.experiments.studies.mnist import (
    beginnings,
    fresh,
    lenet,
    one_shot,
    original,
    sample,
    unit_pixels,
)
from lth_lib.experiments.studies.parts import PRUNER, Study, imp, reinitialised, shuffled
from lth_lib.experiments.studies.patterns import patterns, patterns_fashion
from lth_lib.experiments.studies.photographs import photographs, photographs_narrow
from lth_lib.experiments.studies.scales import SCALES, scaled
from lth_lib.experiments.studies.sensitivity import sensitivity, sensitivity_fashion
from lth_lib.experiments.studies.slimming import slimming
from lth_lib.experiments.studies.structure import structure, structure_fashion
from lth_lib.experiments.studies.ways import ways, ways_fashion

__all__ = [
    "ALL",
    "PRUNER",
    "SCALES",
    "Entry",
    "Study",
    "after",
    "after_fashion",
    "before",
    "before_fashion",
    "beginnings",
    "convolutional",
    "during",
    "during_fashion",
    "fashion",
    "fashion_global",
    "fresh",
    "imp",
    "lenet",
    "literature",
    "named",
    "one_shot",
    "original",
    "patterns",
    "patterns_fashion",
    "photographs",
    "photographs_narrow",
    "reinitialised",
    "sample",
    "scaled",
    "sensitivity",
    "sensitivity_fashion",
    "shuffled",
    "slimming",
    "structure",
    "structure_fashion",
    "unit_pixels",
    "ways",
    "ways_fashion",
]
