"""Where nothing is installed: what Binder and a notebook's first cell install is all that a chapter imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import jupytext
import notebooks
import yaml
from chapters import notebooks as chapters
from chapters import source
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = (ROOT / "requirements.txt").read_text(encoding="utf-8")
FROM = "import sys\nblocked = set(sys.argv[1:])\n"
REFUSE = """
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is not installed here")

sys.meta_path.insert(0, Refuse())
"""
"""A script that imports as where these modules are not installed."""


def asked(text: str) -> dict[str, Requirement]:
    """Return what a file of requirements asks for, by name."""
    lines = (line.partition("  #")[0].strip() for line in text.splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(one.name): one for one in found}


def test_everything_is_pinned_to_one_release() -> None:
    assert asked(PINNED)
    assert [str(one) for one in asked(PINNED).values() if not str(one.specifier).startswith("==")] == []


def test_binder_installs_what_is_pinned_on_a_python_that_it_is_for() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert lines == ["-r ../requirements.txt"]
    version = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert version in SpecifierSet(">=3.11")
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    assert {job["container"] for job in flow["jobs"].values()} == {f"python:{version}-bookworm"}


def imports() -> list[str]:
    """Return the statements by which chapters import."""
    cells = [cell for page in chapters() for cell in jupytext.reads(source(page), fmt="md:myst").cells]
    code = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    found = (node for tree in code for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return sorted({ast.unparse(node) for node in found})


def ran(statements: list[str], blocked: set[str]) -> str:
    """Return what is said against imports where some modules are not installed."""
    program = [sys.executable, "-c", FROM + REFUSE + "\n".join(statements), *blocked]
    return subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False).stderr


def test_the_first_cell_installs_all_that_chapters_import() -> None:
    (line,) = (line for line in notebooks.install_cell("a/b", PINNED).splitlines() if "pip install" in line)
    installed = {canonicalize_name(name) for name in line.partition("--quiet ")[2].split()}
    rest = set(asked(PINNED)) - installed - {"ipykernel", "sphinx"}  # each notebook has a kernel; myst-nb needs Sphinx
    modules = {
        module
        for module, given in packages_distributions().items()
        if {canonicalize_name(name) for name in given} & rest and module.isidentifier()
    }
    assert {"jupytext", "selenium", "pytest"} <= modules
    assert installed <= set(asked(PINNED))
    assert ran(imports(), modules) == ""


def test_what_is_not_installed_would_be_found() -> None:
    assert "numpy is not installed here" in ran(["import lth_lib.masks"], {"numpy"})


def test_the_weekly_workflow_runs_a_published_notebook(tmp_path: Path) -> None:
    notebooks.main("someone/tickets", "book/finding-a-ticket", str(tmp_path / "one.ipynb"))
    assert "github.com/someone/tickets" in (tmp_path / "one.ipynb").read_text(encoding="utf-8")
