"""What a bench of a machine says of trainings, and of the goals that were set."""

from lth_lib.report.speed.goals import Goal, card_table, goal_table, on_a_cpu
from lth_lib.report.speed.tables import (
    former_ladder,
    growth,
    images_per_second,
    ladder_table,
    ladders,
    nearest,
    ratio_points,
    reached,
    step_seconds,
    step_shares,
)
from lth_lib.report.speed.words import cards, largest_memory, machine, of_the_limit, times

__all__ = [
    "Goal",
    "card_table",
    "cards",
    "former_ladder",
    "goal_table",
    "growth",
    "images_per_second",
    "ladder_table",
    "ladders",
    "largest_memory",
    "machine",
    "nearest",
    "of_the_limit",
    "on_a_cpu",
    "ratio_points",
    "reached",
    "step_seconds",
    "step_shares",
    "times",
]
