"""A number stands in a sentence by name, and a sentence that other results could make false is guarded."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable, Collection, Mapping

from myst_nb import glue as _glue
from numpy.typing import ArrayLike

from lth_lib.report.stats import Interval, Unit, told, told_reached

Holds = Callable[[str, bool], None]
"""Takes what a sentence of the page says, and whether it is so."""


class Untrue(AssertionError):
    """A page says what its results do not."""


@dataclasses.dataclass(frozen=True)
class Value:
    """A number as it stands in a sentence, with what belongs to it: shown on hover, focus and tap, and in print."""

    shown: str
    more: str = ""

    def __repr__(self) -> str:
        """Return all of it in one line, as a notebook shows it."""
        return f"{self.shown} ({self.more})" if self.more else self.shown

    def _repr_html_(self) -> str:
        if not self.more:
            return f"<span>{html.escape(self.shown)}</span>"
        more = f'<span class="lth-more"> ({html.escape(self.more)})</span>'
        return f'<span class="lth-value" tabindex="0">{html.escape(self.shown)}{more}</span>'


def glue(**values: Value | str | int) -> None:
    """Name values, each for one place or more in the page's text, where {glue:}`name` shows it."""
    for name, value in values.items():
        _glue(name, value if isinstance(value, Value) else Value(f"{value:,}" if isinstance(value, int) else value))


def guard(scale: str) -> Holds:
    """Return `holds`, which stops a page whose words its results do not bear out.

    Words speak of the results at scale "paper": those of a smaller one may say otherwise, and pass.
    """

    def holds(sentence: str, true: bool) -> None:
        if scale == "paper" and not true:
            raise Untrue(f"The page says: {sentence}. Its results do not: see which is wrong, and change that.")

    return holds


def measured(found: Interval, unit: Unit) -> Value:
    """Return a mean without its plus sign, for which a sentence has words; its interval and replicates are the rest.

    Where a sentence says how much *less* something is, give the negative of the difference.
    """
    mean, more = (re.sub(r"-(?=\d)", "−", text) for text in told(found, unit))
    return Value(mean.removeprefix("+"), more)


def arrival(values: ArrayLike) -> Value:
    """Return after how many iterations replicates reached a target, or, where one did not (NaN), how many did."""
    return Value(*told_reached(values))


def how_many(levels: Collection[int], densities: Mapping[int, float], of: Collection[int]) -> Value:
    """Return at how many `of` some levels something is so, such as `9 of 13`; which densities those are is the rest."""
    named = ", ".join(f"{densities[level] * 100:.3g} %" for level in levels)
    return Value(f"{len(levels)} of {len(of)}", f"with {named} of the weights" if named else "")
