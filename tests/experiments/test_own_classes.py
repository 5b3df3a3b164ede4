"""Which of a module's own classes and parameters count: their text in the digest, their weights in the density."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from IPython.core.compilerop import CachingCompiler
from torch import nn

from lth_lib.data import Held
from lth_lib.models import Module
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Neighbours, PerOutput, Scope
from lth_lib.replicates import stream
from lth_lib.spec import SpecError, canonical
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting

RECIPE = Recipe(Adam(), Rate(1e-2), batch=20, steps=40, segment=10, test_every=10)
TEXT = """\
from dataclasses import dataclass
import torch
from torch import nn
from lth_lib import Module

class Block(nn.Module):
    slope = 0.1
    def forward(self, x):
        return nn.functional.leaky_relu(x, self.slope)

class Net(Block):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.act = nn.Linear(6, 16), nn.Linear(16, 4), Block()
    def forward(self, x):
        return self.b(self.act(torch.relu(self.a(x))))

@dataclass(frozen=True)
class Mine(Module):
    def build(self):
        return nn.Sequential(Net())
"""
EDITS = {
    "a forward": ("torch.relu", "torch.tanh"),
    "a layer's size": ("16", "8"),
    "a constant of a module within": ("slope = 0.1", "slope = 0.2"),
}
CELLS = CachingCompiler()


def cell(text: str) -> Any:
    """Return the class of a notebook's cell, made."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(CELLS(text, CELLS.cache(text), "exec"), names)
    return names["Mine"]()


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_a_class_among_its_modules_is_another_digest(name: str) -> None:
    assert cell(TEXT).digest == cell(TEXT).digest
    assert cell(TEXT).digest != cell(TEXT.replace(*EDITS[name])).digest


def test_a_class_that_is_edited_after_the_network_was_named_is_refused() -> None:
    mine = cell(TEXT)
    here, digest = type(mine).build.__globals__, mine.digest
    params, _ = mine.start((6,), 4, 0, "")
    here["Net"] = type(cell(TEXT)).build.__globals__["Net"]
    assert (mine.start((6,), 4, 0, "")[0]["0.a.weight"] == params["0.a.weight"]).all(), "the cell was run again"
    here["Net"] = type(cell(TEXT.replace("torch.relu", "torch.tanh"))).build.__globals__["Net"]
    with pytest.raises(SpecError, match="A class that Mine builds with was edited after it was named; make it and"):
        mine.start((6,), 4, 0, "")
    assert mine.digest == digest


def test_only_ones_own_classes_are_written() -> None:
    written = canonical(cell(TEXT))["parts text"]
    assert [[one if isinstance(one, str) else one["class"] for one in part] for part in written] == [
        ["Net", "Block", "Module"],
        ["Block", "Module"],
    ]
    assert "parts text" not in canonical(Layered()), "all of its modules are torch's"
    assert pickle.loads(pickle.dumps(Layered())).digest == Layered().digest


def test_what_is_installed_is_named_by_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site-packages").mkdir()
    net, _, mine = TEXT.partition("@dataclass")
    (tmp_path / "site-packages" / "installed_net.py").write_text(net)
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    text = f"from dataclasses import dataclass\nfrom installed_net import *\n@dataclass{mine}"
    assert "parts text" not in canonical(cell(text))


class Raw(nn.Module):
    """It multiplies by a parameter that is no layer's."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.ones(6, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.matrix


class Recurrent(nn.Module):
    """What goes in is one step of a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.LSTM(6, 6, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x[:, None])[0][:, 0]


PARTS = {
    "raw": lambda: [Raw()],
    "recurrent": lambda: [Recurrent()],
    "normed": lambda: [nn.utils.parametrizations.weight_norm(nn.Linear(6, 6))],
    "layer norm": lambda: [nn.Unflatten(1, (2, 3)), nn.LayerNorm((2, 3)), nn.Flatten()],
    "transposed": lambda: [nn.Unflatten(1, (1, 2, 3)), nn.ConvTranspose2d(1, 1, (1, 3), 1, (0, 1)), nn.Flatten()],
    "plain": lambda: [nn.Linear(6, 6), nn.LayerNorm(6)],
}
DENSE = {
    "raw": "0.matrix",
    "recurrent": "0.inner.weight_ih_l0, 0.inner.weight_hh_l0",
    "normed": "0.parametrizations.weight.original0, 0.parametrizations.weight.original1",
    "layer norm": "1.weight, 1.bias",
}


@dataclass(frozen=True)
class Layered(Module):
    """A part, and a layer after it."""

    part: str = "plain"

    def build(self) -> nn.Module:
        return nn.Sequential(*PARTS[self.part](), nn.Linear(6, 4))


@pytest.mark.parametrize("part", PARTS)
def test_what_stays_dense_is_named_once(part: str) -> None:
    layers = len(PARTS[part]())
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found, again = (Layered(part).layers((6,), 4) for _ in "ab")
    assert found == again
    expected = [f"Layered has parameters that stay dense, since none is the `weight` of a layer: {DENSE.get(part)}."]
    assert [str(one.message) for one in said] == (expected if part in DENSE else [])
    assert (found[-1].name, found[-1].shape, found[-1].kind, found[-1].bias) == (str(layers), (4, 6), "out", True)
    assert [layer.kind for layer in found[:-1]] == {"plain": ["fc"], "transposed": ["transposed"]}.get(part, [])


@pytest.mark.parametrize("scope", [Neighbours(of=2), PerOutput()], ids=str)
def test_rows_of_a_transposed_convolution_are_refused(scope: Scope) -> None:
    x = torch.from_numpy(stream(0, "own").normal(size=(60, 6))).float()
    setting = Setting(Held.of(x, torch.arange(60) % 4), Layered("transposed"), RECIPE)
    Pruner().check(setting.layers, 0.5)
    with pytest.raises(SpecError, match="takes the weights of an output as a row, which in 1, transposed convolutions"):
        Pruner(scope=scope).check(setting.layers, 0.5)
