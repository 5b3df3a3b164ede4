"""What axe finds on a page, by all of its rules."""

from __future__ import annotations

from pathlib import Path

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """
const done = arguments[0];
const rules = axe.getRules().filter(rule => !rule.tags.includes('experimental')).map(rule => rule.ruleId);
// Of what holds, no selectors; and nothing is loaded once more.
const asked = {runOnly: {type: 'rule', values: rules}, resultTypes: ['violations'], preload: false};
axe.run(document, asked).then(found => done(found.violations), done);
"""
"""A script that asks every rule of axe, also of best practice and of level AAA, but for what it calls experiments."""
