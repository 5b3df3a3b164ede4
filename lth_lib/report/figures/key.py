"""Key results at a glance: each claim, what bears it out, and the interval that was measured, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from lth_lib.report.claims import KeyResult
from lth_lib.report.figures.words import MARKS
from lth_lib.report.stats import TIMES, Unit, briefly

WIDTH, HEIGHT = 240, 40
PAD = 12.0


def key_html(results: Sequence[KeyResult], *, page: str) -> str:
    """Return a table of key results, with links to each claim's full line on `page`; a sentence where there is none."""
    if not results:
        return "<p>None is judged here: the rules are of the published levels and replicates.</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Claim", "Published", "Measured", "Verdict"))
    places = {unit: _place(results, unit) for unit in dict.fromkeys(result.unit for result in results)}
    rows = "\n".join(_row(result, places[result.unit], page) for result in results)
    return (
        '<table class="lth-key"><caption>Key results. A dot is a mean, its bar the 95 % interval; shaded is where '
        "it bears the claim out, dotted is no difference. A verdict rests on all comparisons of a claim. Shown is the "
        "first that decides: a no where it is not reproduced, an undecided one where it is undecided.</caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _row(result: KeyResult, place: Callable[[float], float], page: str) -> str:
    """Return one claim's row."""
    written = f"As written: “{result.written}” " if result.written else ""
    link = f'<a href="{escape(page)}#{escape(result.anchor)}">{escape(result.text)}</a>'
    claim = f"{link} <em>{escape(written + result.data)}</em>"
    words = f"{briefly(result.found, result.unit)} {result.unit.name}"
    asked = f"Wholly {result.bounds}? {result.answer.capitalize()}." if result.bounds else ""
    of = f"Of {result.of}." if result.of else ""
    small = "".join(f" <small>{escape(told)}</small>" for told in (result.compared, asked, of) if told)
    measured = f"{_bar(result, place)}<span>{escape(words)}</span>{small}"
    side = f": {result.side}" if result.side else ""
    verdict = f'<span aria-hidden="true">{MARKS[result.verdict]}</span> {result.verdict}{side}'
    kind = result.verdict.replace(" ", "-")
    return (
        f'<tr class="lth-{kind}"><th scope="row">{claim}</th><td>{escape(result.published)}</td>'
        f"<td>{measured}</td><td>{verdict}</td></tr>"
    )


def _bar(result: KeyResult, place: Callable[[float], float]) -> str:
    """Return the picture of one interval, which its words beside it say too."""
    low, high = (min(max(place(end), 0), WIDTH) for end in result.asked)
    nothing, middle = place(_nothing(result.unit)), HEIGHT / 2
    left, mean, right = (place(value) for value in (result.found.low, result.found.mean, result.found.high))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<rect x="{low:.1f}" y="6" width="{high - low:.1f}" height="{HEIGHT - 12}"/>'
        f'<line class="lth-nothing" x1="{nothing:.1f}" x2="{nothing:.1f}" y1="0" y2="{HEIGHT}"/>'
        f'<line class="lth-found" x1="{left:.1f}" x2="{right:.1f}" y1="{middle:g}" y2="{middle:g}"/>'
        f'<circle cx="{mean:.1f}" cy="{middle:g}" r="5"/></svg>'
    )


def _nothing(unit: Unit) -> float:
    """Return the value that is no difference."""
    return 1.0 if unit is TIMES else 0.0


def _place(results: Sequence[KeyResult], unit: Unit) -> Callable[[float], float]:
    """Return where a value of a unit stands in the picture: ratios on a log scale, an infinite end at the edge."""
    own = [result.found for result in results if result.unit is unit]
    along = math.log if unit is TIMES else float
    values = [along(end) for found in own for end in (found.low, found.high, _nothing(unit))]
    least, most = min(values), max(values)
    span = (WIDTH - 2 * PAD) / (most - least)

    def place(value: float) -> float:
        return float(WIDTH) if math.isinf(value) else PAD + (along(value) - least) * span

    return place
