"""What the tables of the studies say about one comparison."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from lth_lib.report.claims.second.comparison import Comparison, StudyCell
from lth_lib.report.claims.second.questions import NO, YES, Question
from lth_lib.report.claims.words import Untestable
from lth_lib.report.stats import (
    PERCENT,
    POINTS,
    TIMES,
    Interval,
    Table,
    Unit,
    censored,
    describe,
    holm,
    interval,
    p_value,
    paired,
    pairs,
    ratio,
    values,
    welch,
    welch_ratio,
)

Tables = Mapping[str, Table]
"""The tidy table of each study, by the study's name."""

Planned = Mapping[str, Mapping[tuple[str, int], int]]
"""How many trainings a study has when it is whole, by its name, and by series and level."""

SIGNIFICANT = 0.05

LEAST = 3
"""The fewest replicates that a rule judges."""


def rows(table: Table, cell: StudyCell) -> Table:
    """Return seed and density of a cell's rows, one for each training."""
    return table.loc[(table["series"] == cell.series) & (table["level"] == cell.level), ["seed", "density"]]


@dataclasses.dataclass(frozen=True)
class Part:
    """One comparison at one density, and what is asked of it; a value that is only stated is asked nothing.

    Where `open_below` or `open_above`, an early stop in it is a bound, and that end of the interval is not known.
    `reading` is the column of accuracy that it reads, empty of another quantity; two that find the same are equal.
    """

    quantity: str
    at: str
    found: Interval
    unit: Unit
    asked: Question | None = None
    open_below: bool = False
    open_above: bool = False
    reading: str = dataclasses.field(default="", compare=False)

    @property
    def answer(self) -> str:
        """Yes, no or undecided; an empty text where nothing is asked."""
        low = -math.inf if self.open_below else self.found.low
        high = math.inf if self.open_above else self.found.high
        return self.asked.answer(low, high) if self.asked else ""

    @property
    def text(self) -> str:
        """The comparison in words, with its answer."""
        bound = {(False, True): " at least", (True, False): " at most", (True, True): " (bounds both)"}
        said = f": {self.answer}" if self.asked else ""
        return (
            f"at {self.at}{bound.get((self.open_below, self.open_above), '')} {describe(self.found, self.unit)}{said}"
        )

    def p_above(self, value: float) -> float:
        """Return the p-value of lying above `value`, 1 where it does not or where that end is not known."""
        return 1.0 if self.open_below or not self.found.mean > value else self._p(value)

    def p_below(self, value: float) -> float:
        """Return the p-value of lying below `value`."""
        return 1.0 if self.open_above or not self.found.mean < value else self._p(value)

    def _p(self, value: float) -> float:
        if self.unit is TIMES:  # the t interval is that of the logarithm
            return p_value(self.found.through(math.log), math.log(value))
        return p_value(self.found, value)


def all_yes(parts: Sequence[Part]) -> bool:
    """Return whether every part is answered yes."""
    return all(part.answer == YES for part in parts)


def any_no(parts: Sequence[Part]) -> bool:
    """Return whether a part is answered no."""
    return any(part.answer == NO for part in parts)


def significant(p_values: Sequence[float]) -> list[bool]:
    """Return which of several comparisons stand after Holm's correction."""
    return [p < SIGNIFICANT for p in holm(p_values)]


@dataclasses.dataclass(frozen=True)
class Evidence:
    """The tables, without measurements of what diverged, and the reading of accuracy that is asked for."""

    tables: Tables
    reading: str

    def part(self, compared: Comparison, level: int, asked: Question) -> Part:
        """Return a comparison at a level, and what is asked of it."""
        measure = self._times if compared.metric.by_ratio else self._minus
        return measure(compared, level, asked)

    def _minus(self, compared: Comparison, level: int, asked: Question) -> Part:
        """Return a difference."""
        left, right = compared.cells(level)
        own = compared.metric.column
        column, reading = own or self.reading, "" if own else self.reading
        found = (paired if compared.shared else welch)(*self._both(column, compared, level), drop_nan=True)
        enough = _enough(found, column, left, right)
        return Part(compared.name, compared.cell(level).at, enough, POINTS, asked, reading=reading)

    def _times(self, compared: Comparison, level: int, asked: Question) -> Part:
        """Return a ratio, open where an early stop is a bound."""
        slow, fast = compared.cells(level)
        column = compared.metric.column
        # Who never improved on its start stopped at 0, to which nothing has a ratio.
        a, b = (np.where(stops > 0, stops, np.nan) for stops in self._both(column, compared, level))
        found = _enough((ratio if compared.shared else welch_ratio)(a, b, drop_nan=True), column, fast, slow)
        below, above = (censored(self.tables[cell.study], cell.key) for cell in (fast, slow))
        return Part(compared.name, compared.cell(level).at, found, TIMES, asked, below, above)

    def state(self, cell: StudyCell) -> Part:
        """Return a cell's accuracy, of which nothing is asked."""
        found = interval(values(self.tables[cell.study], self.reading, cell.key), drop_nan=True)
        return Part(f"accuracy, {cell.series}", cell.at, found, PERCENT, reading=self.reading)

    def _both(self, column: str, compared: Comparison, level: int) -> tuple[np.ndarray, np.ndarray]:
        """Return both cells' values, aligned by seed where they share masks."""
        left, right = compared.cells(level)
        if compared.shared:
            return pairs(self.tables[left.study], column, left.key, right.key)
        a, b = (values(self.tables[cell.study], column, cell.key) for cell in (left, right))
        return a, b


def _enough(found: Interval, y: str, left: StudyCell, right: StudyCell) -> Interval:
    """Return the interval; raise unless enough replicates have a value."""
    least = min(found.n, found.against or found.n)
    if least < LEAST:
        raise Untestable(f"{left.name} and {right.name} have {least} replicates with {y}; needs {LEAST}")
    return found


def finite(table: Table) -> Table:
    """Return the table with no measurement where a replicate diverged: it stopped early, but not because it learned."""
    measured = [name for name in table.columns if name == "early_stop" or name.startswith(("accuracy", "gap"))]
    out = table.copy()
    out[measured] = out[measured].mask(out["diverged"].astype(bool))
    return out
