"""Key results at a glance: each claim, what bears it out, and the interval that was measured, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from lth_lib.report.claims import KeyResult
from lth_lib.report.figures.words import MARKS
from lth_lib.report.stats import TIMES, Unit, briefly

WIDTH, HEIGHT = 200, 52
BAND = 34
"""How far down the picture reaches; the numbers of its scale stand below."""
PAD = 18.0


def key_html(results: Sequence[KeyResult], *, page: str) -> str:
    """Return a table of key results, with links to each claim's full line on `page`; a sentence where there is none."""
    if not results:
        return "<p>None is judged here: the rules are of the published levels and replicates.</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Claim", "Published", "Measured", "Verdict"))
    rows = "\n".join(_row(result, page) for result in results)
    return (
        '<table class="lth-key"><caption>Key results. A dot is a mean, its bar the 95 % interval; shaded is where '
        "it bears the claim out, dotted is no difference. Each row has a scale of its own. A verdict rests on all "
        "comparisons of a claim. Shown is the first that decides: a no where it is not reproduced, an undecided one "
        "where it is undecided.</caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _row(result: KeyResult, page: str) -> str:
    """Return one claim's row."""
    written = f"As written: “{result.written}” " if result.written else ""
    link = f'<a href="{escape(page)}#{escape(result.anchor)}">{escape(result.text)}</a>'
    claim = f"{link} <em>{escape(written + result.data)}</em>"
    words = f"{briefly(result.found, result.unit)} {result.unit.name}"
    asked = f"Wholly {result.bounds}? {result.answer.capitalize()}." if result.bounds else ""
    of = f"Of {result.of}." if result.of else ""
    small = "".join(f" <small>{escape(told)}</small>" for told in (result.compared, f"{asked} {of}".strip()) if told)
    measured = f"{_bar(result)}<span>{escape(words)}</span>{small}"
    side = f": {result.side}" if result.side else ""
    verdict = f'<span aria-hidden="true">{MARKS[result.verdict]}</span> {result.verdict}{side}'
    kind = result.verdict.replace(" ", "-")
    return (
        f'<tr class="lth-{kind}"><th scope="row">{claim}</th><td>{escape(result.published)}</td>'
        f"<td>{measured}</td><td>{verdict}</td></tr>"
    )


def _bar(result: KeyResult) -> str:
    """Return the picture of one interval, which its words beside it say too, on a scale that holds all that decides."""
    ends, place = _scale(result)
    low, high = (min(max(place(end), 0), WIDTH) for end in result.asked)
    nothing, middle = place(_nothing(result.unit)), BAND / 2
    left, mean, right = (place(value) for value in (result.found.low, result.found.mean, result.found.high))
    numbers = "".join(_number(place(value), text) for value, text in _numbers(*ends, result.unit))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<rect x="{low:.1f}" y="4" width="{high - low:.1f}" height="{BAND - 4}"/>'
        f'<line class="lth-scale" x1="0" x2="{WIDTH}" y1="{BAND}" y2="{BAND}"/>{numbers}'
        f'<line class="lth-nothing" x1="{nothing:.1f}" x2="{nothing:.1f}" y1="0" y2="{BAND}"/>'
        f'<line class="lth-found" x1="{left:.1f}" x2="{right:.1f}" y1="{middle:g}" y2="{middle:g}"/>'
        f'<circle cx="{mean:.1f}" cy="{middle:g}" r="4.5"/></svg>'
    )


def _number(at: float, text: str) -> str:
    """Return a number of the scale, with its tick."""
    tick = f'<line class="lth-scale" x1="{at:.1f}" x2="{at:.1f}" y1="{BAND}" y2="{BAND + 4}"/>'
    return f'{tick}<text x="{at:.1f}" y="{HEIGHT - 2}" text-anchor="middle">{text}</text>'


def _numbers(least: float, most: float, unit: Unit) -> list[tuple[float, str]]:
    """Return the numbers of a scale: of differences round ones, no difference among them, of ratios powers of two."""
    if unit is TIMES:
        powers = range(math.ceil(math.log2(least)), math.floor(math.log2(most)) + 1)
        return [(2.0**power, f"{2.0**power:g}×") for power in powers]
    step = _round((most - least) * unit.scale / 4)
    steps = range(math.ceil(least * unit.scale / step - 1e-9), math.floor(most * unit.scale / step + 1e-9) + 1)
    return [(count * step / unit.scale, f"{count * step:+g}" if count else "0") for count in steps]


def _round(size: float) -> float:
    """Return the smallest of 1, 2, 5 and their tenfolds that is no smaller."""
    ten = 10.0 ** math.floor(math.log10(size))
    return min(ten * one for one in (1, 2, 5, 10) if ten * one >= size)


def _nothing(unit: Unit) -> float:
    """Return the value that is no difference."""
    return 1.0 if unit is TIMES else 0.0


def _scale(result: KeyResult) -> tuple[tuple[float, float], Callable[[float], float]]:
    """Return the ends of a row's scale, and where a value stands on it: ratios by logarithms, infinity at the edge.

    It holds the interval, no difference, and where the claim begins and ceases to be borne out.
    """
    bounds = [end for end in result.asked if not math.isinf(end)]
    values = (result.found.low, result.found.high, _nothing(result.unit), *bounds)
    along = math.log if result.unit is TIMES else float
    least, most = min(values), max(values)
    span = (WIDTH - 2 * PAD) / (along(most) - along(least))

    def place(value: float) -> float:
        return float(WIDTH) if math.isinf(value) else PAD + (along(value) - along(least)) * span

    return (least, most), place
