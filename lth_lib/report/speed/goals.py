"""A goal was set before anything was measured, and is met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lth_lib.report.speed.tables import growth, ladders, nearest, reached, step_shares
from lth_lib.report.turns import Bench, Row, low, times_as_fast

ON_A_CARD = (
    ("A level of five LeNets, 50,000 iterations", "at most 6 s"),
    ("The figure of the first experiment, planned as 61 such levels", "at most 10 minutes"),
    ("Five ResNet-20, 30,000 iterations", "at most 5 minutes"),
    ("A step of 20 LeNets over that of one", "at most 2 times"),
)
"""What an H200-class card is to take."""

LADDERS = (("MNIST", 0.25), ("Fashion-MNIST", 0.4))
"""At most what share of the former kernel's rate a ladder's is to cost."""


@dataclass(frozen=True)
class Goal:
    """Something that is to be at most, or at least, so much, and what was `measured`."""

    what: str
    limit: float
    measured: float
    unit: str = ""
    at_least: bool = False

    @property
    def wanted(self) -> str:
        """The goal in words."""
        return f"at {'least' if self.at_least else 'most'} {self.limit:g}{self.unit}"

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def on_a_cpu(bench: Bench, former: float) -> list[Goal]:
    """Return the goals of the kernels on a CPU by a bench; `former` is the ladder of the kernel before this one."""
    ours, plain, usual = bench.tables["others"]
    grown = growth(bench.tables["replicates"]).set_index("at")["median"]
    (memo,) = bench.tables["memoised"]
    return [
        Goal("Iterations against a loop with a DataLoader", 25, times_as_fast(ours, usual).median, " times", True),
        Goal("Iterations against a plain loop", 4, times_as_fast(ours, plain).median, " times", True),
        *_sparse(bench),
        *_ladders(bench, former),
        Goal(
            "A step's operations per second over those of the best large product",
            0.55,
            min(reached(bench.tables["limit"]).values()),
            at_least=True,
        ),
        Goal(
            f"Cost of a replicate among {grown.index.max()} over that of one alone",
            1,
            grown[grown.index.max()] / grown[1],
        ),
        *(
            Goal(f"{network} in bfloat16 over a plain float32 loop, per replicate and image", 0.6, ratio.median)
            for network, ratio in low(bench.tables["convolutions"]).items()
        ),
        Goal("100 finished runs, asked again", 0.5, 100 * memo.median / memo.count, " s"),
        Goal("Peak memory of five LeNets, data included", 1.5, bench.memory["LeNet-300-100"] * 2**30 / 1e9, " GB"),
    ]


def _sparse(bench: Bench) -> list[Goal]:
    """Return the goals of a step at two densities."""
    shares = step_shares(bench.tables["density"])
    near = [(nearest(shares, percent), limit) for percent, limit in ((21, 0.8), (3.6, 0.25))]
    return [Goal(f"A step at {at:g} % of the weights over a dense one", limit, shares[at].median) for at, limit in near]


def _ladders(bench: Bench, former: float) -> list[Goal]:
    """Return the goals of whole ladders, of those that were timed."""
    timed = ladders(bench.tables.get("ladder", ()))
    return [
        Goal(f"A ladder on {name} over that of the former kernel", limit, former / timed[name].median)
        for name, limit in LADDERS
        if name in timed
    ]


def goal_table(goals: Iterable[Goal], measured: str) -> pd.DataFrame:
    """Return goals as a table; `measured` heads what was reached."""
    rows = [(goal.what, goal.wanted, f"{goal.measured:.3g}", "met" if goal.met else "missed") for goal in goals]
    return pd.DataFrame(rows, columns=["What", "Goal", measured, "Verdict"])


def card_table(cards: Iterable[Bench], here: Bench) -> pd.DataFrame:
    """Return the goals on a card, what each card that was timed takes, and the same of this CPU."""
    table = pd.DataFrame(ON_A_CARD, columns=["What", "Goal on an H200-class card"])
    columns = {f"{card.machine['device']}, torch {card.machine['torch']}": _taken(card.tables) for card in cards}
    columns = columns or {"Card": ["not measured"] * len(table)}
    columns[f"This CPU, {here.machine['cores']} cores"] = _taken(here.tables)
    return table.assign(**columns)


def _taken(tables: Mapping[str, Sequence[Row]]) -> list[str]:
    """Return what a machine took for each goal on a card, in words."""
    level = {row.name: 1 / row.rate for row in tables["level"]}
    step = {row.name: row.median for row in tables["replicates"]}
    small, large = level["LeNet-300-100"], level.get("ResNet-20")
    more = step["20 replicates"] / step["1 replicates"]
    resnet = f"{large / 60:.1f} minutes" if large else "not measured"
    return [f"{small:.1f} s", f"{61 * small / 60:.1f} minutes", resnet, f"{more:.1f} times"]
