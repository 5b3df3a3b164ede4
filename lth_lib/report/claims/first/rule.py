"""A rule turns a tidy table into a verdict, and says so in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from lth_lib.report import stats
from lth_lib.report.claims.words import NOT_TESTED, Measured, Untestable
from lth_lib.report.stats import TIMES, Cell, Interval, Table, Unit, censored, describe, pairs, ratio

LEAST = 3
"""The fewest pairs of replicates that a rule judges."""

MARGIN = 0.002
"""Two accuracies match when they are within 0.2 points (Frankle et al. 2020)."""

COMMON = (
    "Every comparison is paired by replicate: the same seed, hence the same dense ancestor and data order; the "
    "re-initialisations of one ticket are averaged within their replicate first.",
    "It is judged on its two-sided 95 % Student-t interval over replicates, never on the mean alone.",
    "Accuracy is test accuracy at early stopping unless a rule says otherwise.",
    "Speed is a ratio of early-stopping iterations (where validation loss is lowest); its mean is geometric.",
    "An early stop at the last evaluation is used as it is, a lower bound; where that flatters the claim, since it "
    "belongs to the network claimed to be faster, the comparison does not hold, and a published size is not confirmed"
    " where either network has one.",
    "A replicate that diverged is left out of its comparisons and counted as missing.",
    "A claim is not tested when a level it needs is missing, is not at the published density, or has fewer than three"
    " pairs.",
)
"""What all rules have in common, one sentence each, for the page."""

Finding = tuple[str, Measured, str]
"""A verdict, what was measured, and the reason."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a rule says of one claim, all in words."""

    claim: int
    verdict: str
    measured: Measured
    reason: str
    where: str = ""


@dataclasses.dataclass(frozen=True)
class Claim:
    """What a source text says, what is published, and the rule it is judged by.

    `needs` are the series and levels without which it is not tested, `density` gives the
    published density at a level.
    """

    number: int
    source: str
    text: str
    published: str
    rule: str
    needs: tuple[Cell, ...]
    density: Callable[[int], float]
    judge: Callable[[Table], Finding]

    def verdict(self, table: Table, where: str = "") -> Verdict:
        """Return what the rule says of this table."""
        lacking = self.lacking(table)
        if lacking:
            return Verdict(self.number, NOT_TESTED, (), f"needs {'; '.join(lacking)}", where)
        try:
            return Verdict(self.number, *self.judge(_finite(table)), where)
        except Untestable as few:
            return Verdict(self.number, NOT_TESTED, (), str(few), where)

    def lacking(self, table: Table) -> list[str]:
        """Return, in words, what the table lacks of what the claim needs."""
        out = []
        for series, level in self.needs:
            cell = table[(table["series"] == series) & (table["level"] == level)]
            name, have = f"{series!r} at level {level} ({self.density(level) * 100:.1f} %)", cell["seed"].nunique()
            if not have:
                out.append(f"{name}, which is missing")
            elif have < LEAST:
                out.append(f"{name} in at least {LEAST} replicates, not {have}")
            elif abs(cell["density"].mean() - self.density(level)) > 0.001:
                out.append(f"{name}, which here has {cell['density'].mean() * 100:.1f} % of its weights")
        return out


def _finite(table: Table) -> Table:
    """Return the table with no measurement where a replicate diverged: it stopped early, but not because it learned."""
    measured = [name for name in table.columns if name == "early_stop" or "accuracy" in name or "gap" in name]
    out = table.copy()
    out[measured] = out[measured].mask(out["diverged"].astype(bool))
    return out


@dataclasses.dataclass(frozen=True)
class Part:
    """One comparison at one density: its interval, and whether it holds."""

    at: str
    found: Interval
    unit: Unit
    holds: bool
    note: str = ""

    @property
    def text(self) -> str:
        """The comparison in words."""
        return f"at {self.at} {describe(self.found, self.unit)}{self.note}"


def paired_difference(table: Table, y: str, left: Cell, right: Cell) -> Interval:
    """Return left minus right, paired, of replicates enough for a rule."""
    _enough(*pairs(table, y, left, right), left, right)
    return stats.difference(table, y, left, right, shared=True)


@dataclasses.dataclass(frozen=True)
class Speed:
    """How many times the early-stopping iterations of `fast` those of `slow` are, and which of them are censored."""

    times: Interval
    fast_censored: bool
    slow_censored: bool

    @property
    def holds(self) -> bool:
        """Whether the interval excludes equal speed, and no bound flatters it."""
        return self.times.low > 1 and not self.fast_censored

    def confirms(self, times: float) -> bool:
        """Return whether a published size lies in the interval of early stops that were all seen."""
        return self.times.contains(times) and not (self.fast_censored or self.slow_censored)

    def part(self, at: str) -> Part:
        """Return the comparison in words, held to its direction."""
        return Part(at, self.times, TIMES, self.holds, self.note)

    @property
    def note(self) -> str:
        """Which early stops are bounds."""
        named = (("faster", self.fast_censored), ("slower", self.slow_censored))
        late = " and ".join(name for name, censored in named if censored)
        return f" with censored early stops of the {late}" if late else ""


def speed(table: Table, fast: Cell, slow: Cell) -> Speed:
    """Return how much earlier `fast` stops than `slow`, paired."""
    a, b = pairs(table, "early_stop", slow, fast)
    _enough(a, b, slow, fast)
    if np.nanmin([a, b]) <= 0:
        raise Untestable(f"a replicate of {_name(fast)} or {_name(slow)} never improved on its start: no ratio exists")
    return Speed(ratio(a, b, drop_nan=True), censored(table, fast), censored(table, slow))


def _enough(a: np.ndarray, b: np.ndarray, left: Cell, right: Cell) -> None:
    """Raise unless enough replicates have both values."""
    n = int(np.sum(~np.isnan(a - b)))
    if n < LEAST:
        raise Untestable(f"{_name(left)} and {_name(right)} have {n} finished replicates in common; needs {LEAST}")


def _name(cell: Cell) -> str:
    """Return a cell in words."""
    return f"{cell[0]!r} at level {cell[1]}"


def listed(name: str, *parts: Part) -> tuple[str, tuple[str, ...]]:
    """Return what was measured of a quantity, density by density."""
    return name, tuple(part.text for part in parts)


def counted(name: str, parts: Sequence[Part]) -> str:
    """Return at how many densities something holds, and where it does not."""
    failing = [part.at for part in parts if not part.holds]
    text = f"{name} at {len(parts) - len(failing)} of {len(parts)} densities"
    return f"{text} (not at {', '.join(failing)})" if failing and len(failing) < len(parts) else text


def holding(parts: Sequence[Part]) -> int:
    """Return at how many densities something holds."""
    return sum(part.holds for part in parts)
