"""Results of one's own classes are tabulated and checked, where the files that define them are named."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny
from kept import rehash

import lth_lib.__main__ as app
from lth_lib.report.stats import COLUMNS
from lth_lib.results.store import read_npz
from lth_lib.results.store.files import to_npz

OWN = """
from dataclasses import dataclass

import torch
from torch import nn

from lth_lib import Adam, Geometric, Held, Module, Pruner, Rate, Recipe, Setting, Store, compute, imp


class Smooth(nn.Module):
    def forward(self, x):
        return x.tanh()


@dataclass(frozen=True)
class Mine(Module):
    def build(self):
        return nn.Sequential(nn.Linear(3, 8), Smooth(), nn.Linear(8, 2))


def train(results, weights):
    x = torch.linspace(-1, 1, 300).view(100, 3)
    recipe = Recipe(Adam(), Rate(1e-2), 10, 20, segment=10, test_every=10)
    setting = Setting(Held.of(x, (x.sum(1) > 0).long()), Mine(), recipe)
    compute(imp(setting, Pruner(), Geometric(0.5, 1), seeds=(0,)), Store(results, weights), train=True, progress=False)
"""


def test_results_of_ones_own_classes_are_in_it_where_their_file_is_named(tmp_path: Path) -> None:
    mine, out, store = tmp_path / "mine.py", tmp_path / "t.csv", tiny.store(tmp_path)
    mine.write_text(OWN)
    places = [str(store.results), str(store.scratch)]
    assert run(f"import sys; sys.path.append({str(tmp_path)!r}); import mine; mine.train(*sys.argv[1:])", *places) == ""
    call = f"import os; os.environ['LTH_RESULTS'] = {places[0]!r}; import sys; from lth_lib.__main__ import main; "
    (tmp_path / "other.py").touch()
    both = "--with", str(mine), "--with", str(tmp_path / "other.py")
    said = run(call + "main(['table', *sys.argv[1:]])", str(out), *both)
    assert said == f"2 rows of 2 runs, {len(COLUMNS)} columns, are in {out}.\n"
    assert pd.read_csv(out)["model"].tolist() == ["Mine", "Mine"]
    said = run(call + "main(['table', *sys.argv[1:]])", str(out))
    assert "There is nothing to tabulate" in said
    assert "--with FILE.py brings classes of your own" in said


def test_masks_of_ones_own_network_are_checked_where_its_file_is_named(tmp_path: Path) -> None:
    mine, store = tmp_path / "mine.py", tiny.store(tmp_path)
    mine.write_text(OWN)
    places = [str(store.results), str(store.scratch)]
    assert run(f"import sys; sys.path.append({str(tmp_path)!r}); import mine; mine.train(*sys.argv[1:])", *places) == ""
    (path,) = Path(store.results).glob("runs/*/masks.npz")
    path.write_bytes(to_npz({name: turned(name, held) for name, held in read_npz(path).items()}))
    rehash(path.parent)
    call = f"import os; os.environ['LTH_RESULTS'] = {places[0]!r}; import sys; from lth_lib.__main__ import main; "
    assert run(call + "main(['verify'])") == "2 results are whole, 0 are not.\n", "nobody knows the network's shapes"
    said = run(call + "main(['verify', *sys.argv[1:]])", "--with", str(mine))
    assert "the mask of 0.weight has the shape (1, 3, 8); the network's is (1, 8, 3)" in said
    assert "1 results are whole, 1 are not." in said


def turned(name: str, held: np.ndarray) -> np.ndarray:
    return held[[0, 2, 1]] if name.endswith(".shape") else held


def run(program: str, *arguments: str) -> str:
    """Return all that a program of another process says."""
    return "".join(tiny.python(program, *arguments).communicate())


def test_a_file_that_cannot_be_imported_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    broken = tmp_path / "broken_of_a_test.py"
    broken.write_text("1 / 0")
    assert app.main(["table", str(tmp_path / "t.csv"), "--with", str(broken)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said == (
        f"--with was {str(broken)!r}, whose import fails (ZeroDivisionError: division by zero); give a module, or a "
        "file .py."
    )


def test_a_file_that_ends_the_program_or_has_a_modules_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    ends, named = tmp_path / "ends_of_a_test.py", tmp_path / "json.py"
    ends.write_text("import sys; sys.exit(0)")
    named.touch()
    assert app.main(["table", str(tmp_path / "t.csv"), "--with", str(ends)]) == 2
    assert "whose import fails (SystemExit: 0)" in capsys.readouterr().err
    assert app.main(["table", str(tmp_path / "t.csv"), "--with", str(named)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"--with was {str(named)!r}, but json is another module here (")
    assert not (tmp_path / "t.csv").exists()
