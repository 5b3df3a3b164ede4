"""Every chapter trains for real at quick scale, and prints the same numbers when it does so again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import papermill
import pytest
import torch
from chapters import ROOT, notebooks, source
from papermill.exceptions import PapermillExecutionError

from lth_lib.spec import SpecError

PARAMETERS = {"scale", "device", "train", "executor"}
ABSENT_DEVICE = "cuda:99" if torch.cuda.is_available() else "cuda"
SANITISE = Path(__file__).parent / "sanitise.cfg"
NBVAL = f"-q -p no:cacheprovider -c {os.devnull} --nbval --nbval-cell-timeout=600".split()
NBVAL.append(f"--nbval-sanitize-with={SANITISE}")
MOST = (5_000, 1_000)
"""So many iterations and evaluations at most, those of each replicate counted, a rehearsal asks for: some seconds."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty store, and have whatever is executed use it."""
    folder = tmp_path / "store"
    monkeypatch.setenv("LTH_STORE", str(folder))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    return folder


def notebook(page: str, folder: Path) -> Path:
    """Write a chapter as a notebook file and return its path."""
    path = folder / f"{Path(page).name}.ipynb"
    nbformat.write(jupytext.reads(source(page), fmt="md:myst"), path)
    return path


def execute(path: Path, **parameters: object) -> Path:
    """Execute a notebook by papermill where its chapter lives, and return the executed one's path."""
    executed = path.with_suffix(".executed.ipynb")
    papermill.execute_notebook(
        path, executed, parameters, cwd=ROOT / "book", kernel_name="python3", progress_bar=False, log_output=False
    )
    return executed


def trained(store: Path) -> tuple[int, int]:
    """Return how many iterations and evaluations there are in a store, those of each replicate counted."""
    held = [np.load(path) for path in store.glob("quick/runs/*/metrics.npz")]
    steps = sum(int(one["step"][-1] - one["step"][0]) * one["valid_loss"].shape[1] for one in held)
    return steps, sum(one["valid_loss"].size for one in held)


def test_there_are_chapters() -> None:
    assert notebooks()


@pytest.mark.parametrize("page", notebooks())
def test_a_chapter_has_the_parameters(page: str, tmp_path: Path) -> None:
    found = papermill.inspect_notebook(notebook(page, tmp_path))
    assert set(found) == PARAMETERS


@pytest.mark.parametrize("page", notebooks())
def test_two_executions_print_the_same_numbers(page: str, tmp_path: Path, store: Path) -> None:
    executed = execute(notebook(page, tmp_path), scale="quick")
    outputs = [cell.outputs for cell in nbformat.read(executed, as_version=4).cells if cell.cell_type == "code"]
    assert any(outputs), "a chapter that shows nothing proves nothing"
    asked = trained(store)
    assert all(count <= most for count, most in zip(asked, MOST, strict=True)), f"a rehearsal is short; it had {asked}"
    # The second execution has a store of its own, or it would only read what the first has written.
    again = subprocess.run(
        [sys.executable, "-m", "pytest", *NBVAL, f"--rootdir={tmp_path}", executed.name],
        cwd=tmp_path,
        env={**os.environ, "LTH_STORE": str(store.with_name("second"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stdout[-6000:] + again.stderr[-2000:]


BAD = {
    "unknown scale": ({"scale": "enormous"}, "enormous"),
    "absent device": ({"scale": "quick", "device": ABSENT_DEVICE}, "cuda"),
    "unknown executor": ({"scale": "quick", "executor": "abacus"}, "abacus"),
    "misspelt name": ({"scale": "quick", "devise": "cpu"}, "devise"),
}


@pytest.mark.parametrize("page", notebooks())
def test_a_page_asks_first_whether_its_parameters_are_right(page: str) -> None:
    cells = [cell for cell in jupytext.reads(source(page), fmt="md:myst").cells if cell.cell_type == "code"]
    assert "parameters" in cells[0].metadata.tags
    names: dict[str, object] = {}
    exec(cells[0].source, names)
    names["devise"] = "cpu"  # papermill sets what it is given after the cell that is tagged
    with pytest.raises(SpecError, match="no parameter devise"):
        exec(cells[1].source, names)


# What checks them is the same for all pages.
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_parameter_is_refused_before_anything_trains(bad: str, tmp_path: Path, store: Path) -> None:
    parameters, named = BAD[bad]
    with pytest.raises(PapermillExecutionError) as refused:
        execute(notebook(notebooks()[0], tmp_path), **parameters)
    assert named in refused.value.evalue
    assert "\n" not in refused.value.evalue.strip()
    assert not [path for path in store.rglob("*") if path.is_file()], "something was trained first"
