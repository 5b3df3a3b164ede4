"""The scorecard: a line for each claim, behind which its rule and all that was measured are folded away."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lth_lib.report.claims import Line, Measured
from lth_lib.report.figures.words import MARKS

UNCORRECTED = (
    "Where a rule needs every answer to be yes, the answers are not corrected. Where answers are counted, by a rule or "
    "in a chapter, they are corrected for their number. So a chapter may call fewer of them shown."
)


def scorecard_html(lines: Sequence[Line]) -> str:
    """Return the scorecard as HTML: of each claim its verdict and its words, which open to the rule and the numbers."""
    where = {line.where for line in lines if line.where}
    told = [f"Measured: {'; '.join(sorted(where))}."] if where else []
    told += [UNCORRECTED] if any("correct" in line.reason for line in lines) else []
    before = f"<p>{escape(' '.join(told))}</p>" if told else ""
    body = "\n".join(_claim(line) for line in lines)
    return f'<div class="scorecard">{before}\n{body}\n</div>'


def _claim(line: Line) -> str:
    """Return one claim: what a reader sees of it first, and what opens."""
    name = f' id="{escape(line.anchor)}"' if line.anchor else ""
    short = f"{MARKS[line.verdict]}&nbsp;<strong>{line.verdict}</strong> {escape(f'{line.key}. {line.text}')}"
    told = (
        ("As written", f"“{line.written}”" if line.written else ""),
        ("Source", line.source),
        ("Published", line.published),
        ("Why", line.reason),
        ("By other readings of accuracy", "; ".join(line.beside)),
        ("The rule", line.rule),
    )
    terms = "".join(f"<dt>{term}</dt><dd>{escape(text)}</dd>" for term, text in told if text)
    more = f"<dl>{terms}{_measured(line.measured)}</dl>"
    return f'<details class="lth-claim"{name}><summary>{short}</summary>{more}</details>'


def _measured(lists: Measured) -> str:
    """Return what was measured: a list for each quantity, an item for each density."""
    if not lists:
        return ""
    said = "".join(
        f"<div>{escape(name[:1].upper() + name[1:])}<ul>"
        + "".join(f"<li>{escape(item)}</li>" for item in items)
        + "</ul></div>"
        for name, items in lists
    )
    return f'<dt>Measured here</dt><dd class="lists">{said}</dd>'
