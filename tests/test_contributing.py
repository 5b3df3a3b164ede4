"""What the files beside the book say of it is there: paths, commands, recipes, licences, and how to cite it."""

from __future__ import annotations

import re
import shlex
import sys
import textwrap
import tomllib
import types
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import test_readme
import yaml

import lth_lib
from lth_lib.__main__ import parser
from lth_lib.experiments.studies import Entry, catalogue, named

ROOT = Path(lth_lib.__file__).parents[1]
CONTRIBUTING, LICENCES = ((ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "LICENSE-text.md"))
AFTER = import_module("lth_lib.experiments.studies.after")  # the package has a function of this name
OWN = {"mine.py", "mine.csv", "out.ipynb", "book/your-own-network.ipynb"}
"""What a reader makes."""


def paths(text: str) -> set[str]:
    """Return what looks like a file or folder of this repository, in a sentence or a command."""
    files = re.findall(r"[\w./-]+\.(?:py|md|yml|csv|ipynb|css|js|svg)\b", text)
    return {*files, *re.findall(r"\b(?:book|tests|lth_lib)(?:/\w+)+(?![\w./-])", text)} - OWN


def inside(text: str) -> str:
    """Return what stands in backticks and in blocks of commands, without Python."""
    shown = re.sub(r"```python\n.*?```", "", text, flags=re.S)
    return "\n".join([*re.findall(r"```\n(.*?)```", shown, re.S), *re.findall(r"`([^`\n]+)`", shown)])


@pytest.mark.parametrize("text", [CONTRIBUTING, LICENCES], ids=["CONTRIBUTING", "LICENSE-text"])
def test_every_file_that_is_named_exists(text: str) -> None:
    found = paths(inside(text))
    assert len(found) > 4
    assert {name for name in found if not (ROOT / name).exists()} == set()


def test_every_command_that_is_named_is_one() -> None:
    text = inside(CONTRIBUTING)
    (phony,) = re.findall(r"^\.PHONY: (.+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    made = set(re.findall(r"^make ([a-z]+)", text, re.M))
    assert {"book", "test", "check", "compute", "verify"} <= made <= set(phony.split())
    given = re.findall(r"python -m lth_lib (.+)", text)
    assert {parser().parse_args(shlex.split(line)).command for line in given} >= {"table", "compute", "unbundle"}


def ran(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Run each Python block where those before it have run; return the names after each."""
    criterion = types.ModuleType(test_readme.CRITERION)
    monkeypatch.setitem(sys.modules, test_readme.CRITERION, criterion)  # a dataclass looks its module up
    exec(test_readme.blocks()[0], criterion.__dict__)
    names: dict[str, Any] = {}
    out = []
    for block in re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.S):
        exec(textwrap.dedent(block), names)
        out.append(dict(names))
    return out


def test_the_recipe_of_a_method_adds_its_runs_to_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    method = ran(monkeypatch)[0]["line"]
    assert isinstance(method, AFTER.Method)
    those = AFTER.methods
    monkeypatch.setattr(AFTER, "methods", lambda examples: (*those(examples), method))
    assert {f"distance, {way}" for way in ("kept", "fine-tuned", "in turn")} <= AFTER.after("quick").series.keys()


def test_the_recipe_of_a_result_is_a_study(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ran(monkeypatch)[-1]["line"]
    assert isinstance(entry, Entry)
    monkeypatch.setattr(catalogue, "ALL", (*catalogue.ALL, entry))
    found = named("fashion-halves")
    assert all(len(found.build(scale).runs) == 16 for scale in entry.scales)


def test_the_packages_licence_is_the_files() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{project['license']} License")
    assert cited()["license"] == project["license"]


def test_each_sample_says_its_licence() -> None:
    samples = ROOT / "lth_lib" / "samples"
    told = dict(re.findall(r"^\| `(\w+)` .*\| ([^|]+) \|$", (samples / "README.md").read_text("utf-8"), re.M))
    assert told.keys() == {folder.name for folder in samples.iterdir() if folder.is_dir()}
    assert all(re.search("CC BY|MIT|without a licence", said) for said in told.values())


def cited() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_two_ways_to_cite_agree() -> None:
    page = (ROOT / "index.md").read_text(encoding="utf-8")
    entry = dict(re.findall(r"^  (\w+) = \{+([^{}]+)\}+,$", page, re.M))
    (author,), year = cited()["authors"], cited()["date-released"].year
    assert entry == {"title": cited()["title"], "author": author["name"], "year": str(year)}
