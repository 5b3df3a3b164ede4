"""What a chapter shows of methods beside one another."""

from lth_lib.report.comparison.again import advised_twice, asked_twice
from lth_lib.report.comparison.methods import by_density, choose, every_replicate, highest, listed, spread
from lth_lib.report.comparison.needs import guide, guided, rules
from lth_lib.report.comparison.spending import spent

__all__ = [
    "advised_twice",
    "asked_twice",
    "by_density",
    "choose",
    "every_replicate",
    "guide",
    "guided",
    "highest",
    "listed",
    "rules",
    "spent",
    "spread",
]
