"""The scorecard of the second edition: a verdict for each rule, with the numbers it rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lth_lib.report.claims.second.comparison import NEAR, StudyCell
from lth_lib.report.claims.second.evidence import LEAST, Evidence, Part, Planned, Tables, finite, rows
from lth_lib.report.claims.second.finding import Finding
from lth_lib.report.claims.second.rule import AT_END, Rule
from lth_lib.report.claims.second.rules import RULES
from lth_lib.report.claims.words import NOT_TESTED, Line, Measured, Untestable
from lth_lib.report.stats import READINGS


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a rule says: by its own reading, and, in `findings`, by all three."""

    rule: Rule
    findings: Mapping[str, Finding]
    where: str = ""

    @property
    def finding(self) -> Finding:
        """What the rule says by its own reading."""
        return self.findings[self.rule.reading]

    @property
    def verdict(self) -> str:
        """The word of it."""
        return self.finding.verdict

    @property
    def beside(self) -> dict[str, Finding]:
        """What the other readings say, where the rule reads accuracy at all."""
        others = {name: found for name, found in self.findings.items() if name != self.rule.reading}
        return {name: found for name, found in others.items() if found != self.finding}

    def rows(self) -> list[dict[str, Any]]:
        """Return a flat record for each reading and comparison, one at least, so that verdicts can be tabulated."""
        head = {"claim": self.rule.key, "data": self.rule.data, "judged_at": self.rule.reading, "where": self.where}
        return [
            head | {"reading": reading, "verdict": found.verdict, "reason": found.reason} | part
            for reading, found in {self.rule.reading: self.finding, **self.beside}.items()
            for part in map(_flat, found.parts or (None,))
        ]


def _flat(part: Part | None) -> dict[str, Any]:
    """Return one comparison as a record of plain values."""
    if part is None:
        return {}
    numbers = {name: getattr(part.found, name) for name in ("mean", "low", "high", "n", "against", "missing")}
    bounds = {"open_below": part.open_below, "open_above": part.open_above}
    told = {"quantity": part.quantity, "at": part.at, "unit": part.unit.name}
    return {**told, **numbers, **bounds, "answer": part.answer}


def judge(rule: Rule, tables: Tables, planned: Planned, where: str = "") -> Verdict:
    """Return what a rule says of these tables, once they hold all that is `planned` of what it needs."""
    lacking = _unfinished(rule.cells, tables, planned) or _lacking(rule.cells, tables)
    if lacking:
        finding = Finding(NOT_TESTED, f"needs {'; '.join(lacking)}", ())
        return Verdict(rule, dict.fromkeys(READINGS, finding), where)
    known = {study: finite(tables[study]) for study in rule.studies}
    found = {}
    for reading in READINGS:
        try:
            found[reading] = rule.judgement.finding(Evidence(known, reading))
        except Untestable as few:
            found[reading] = Finding(NOT_TESTED, str(few), ())
    return Verdict(rule, found, where)


def _unfinished(needs: Sequence[StudyCell], tables: Tables, planned: Planned) -> list[str]:
    """Return, in words, the studies that are not whole: to judge a part, and more of it later, is to look twice."""
    said = []
    for study in dict.fromkeys(cell.study for cell in needs if cell.study in tables):
        own, plan = [cell for cell in needs if cell.study == study], planned[study]
        count = sum(plan.get(cell.key, 0) for cell in own)
        done = sum(min(len(rows(tables[study], cell)), plan.get(cell.key, 0)) for cell in own)
        if done < count:
            said.append(f"{count} trainings that it needs of the study {study!r}, of which {done} are stored")
    return said


def _lacking(needs: Sequence[StudyCell], tables: Tables) -> list[str]:
    """Return, in words, what the tables lack of what a rule needs; a study that is missing is named once."""
    gone = [study for study in dict.fromkeys(cell.study for cell in needs) if study not in tables]
    said = [f"the study {study!r}, of which nothing is stored" for study in gone]
    return said + [text for cell in needs if cell.study not in gone for text in _lack(cell, tables[cell.study])]


def _lack(cell: StudyCell, table: pd.DataFrame) -> list[str]:
    """Return what is wrong with one cell, if anything."""
    own = rows(table, cell)
    name, have = f"{cell.name} ({cell.at})", own["seed"].nunique()
    if not have:
        return [f"{name}, which is missing"]
    if have < LEAST:
        return [f"{name} in at least {LEAST} replicates, not {have}"]
    kept = own["density"].mean()
    near = abs(kept - cell.density) <= NEAR
    return [] if near else [f"{name}, which here has {kept * 100:.1f} % of its weights"]


def scorecard(tables: Tables, planned: Planned, where: Mapping[str, str] | None = None) -> list[Verdict]:
    """Return a verdict for each rule; `where` says, by study, on what data and schedule it was measured."""
    told = where or {}
    return [judge(rule, tables, planned, told.get(rule.studies[0], "")) for rule in RULES]


def line(verdict: Verdict) -> Line:
    """Return a verdict as a line of the scorecard; the numbers at the end stand beside those it is judged by."""
    rule, finding = verdict.rule, verdict.finding
    lists = _lists(finding.parts)
    if AT_END in verdict.beside:
        lists += _lists([part for part in verdict.beside[AT_END].parts if part.reading])
    beside = tuple(f"{READINGS[name]}: {found.verdict}" for name, found in verdict.beside.items())
    told = (rule.key, rule.source, rule.claim, rule.published, rule.rule)
    found = (finding.verdict, finding.reason, lists, beside, verdict.where)
    return Line(*told, *found, anchor=anchor(rule), written=rule.written)


def anchor(rule: Rule) -> str:
    """Return the name by which a page links to a rule's line."""
    return f"claim-{rule.data}-{rule.key}".lower()


def _lists(parts: Sequence[Part]) -> Measured:
    """Return each quantity and what is asked of it with its comparisons in words, of accuracy with its reading."""
    lists: dict[str, list[str]] = {}
    for part in parts:
        lists.setdefault(_heading(part), []).append(part.text)
    return tuple((heading, tuple(items)) for heading, items in lists.items())


def _heading(part: Part) -> str:
    """Return what is measured, and when each answer falls."""
    name = f"{part.quantity}, {READINGS[part.reading]}" if part.reading else part.quantity
    return f"{name}: {part.asked.said(part.unit)}" if part.asked else name


def tabulated(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return every verdict's numbers as one tidy table."""
    return pd.DataFrame([row for verdict in verdicts for row in verdict.rows()])
