"""Imports point down only, what draws needs no torch, and all chance comes from one function."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import lth_lib

LAYERS = (
    "spec",
    "replicates masks",
    "criteria granularity scope schedule pruner forward recipe data models",
    "machine kernels train",
    "tickets measure studies",
    "store checkpoint about provenance descent progress deadline engine plan bundle cluster compute proof "
    "chapters bench remake",
    "stats figures widgets claims page",
    "commands __main__",
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms.split()}
DRAWING = set(LAYERS[6].split())
HOME = Path(lth_lib.__file__).parent
FILES = sorted(path for path in HOME.rglob("*.py") if path != HOME / "__init__.py")
CHANCE = ("Generator", "Philox", "PCG64", "MT19937", "RandomState", "default_rng", "SeedSequence")
TORCH_CHANCE = ("bernoulli", "multinomial", "normal", "poisson", "manual_seed", "seed", "dropout", "Dropout")


def room_of(path: Path) -> str:
    return path.relative_to(HOME).parts[0].removesuffix(".py")


def imported(source: str) -> set[str]:
    """Return the dotted names that a source imports, wherever in it; of `from a import b` also a.b."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written in full"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def rooms_imported(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported(path.read_text())]
    return {part[1] for part in parts if part[0] == "lth_lib" and len(part) > 1} - {room_of(path)}


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` of an expression that reads so, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if inner else ""


def chance(source: str) -> set[str]:
    """Return the bare sources of randomness that a source uses; a name in an annotation is none."""
    tree = ast.parse(source)
    annotations = {
        id(n) for a in ast.walk(tree) if isinstance(a, ast.arg) and a.annotation for n in ast.walk(a.annotation)
    }
    found = {name for name in imported(source) if name.split(".")[0] == "random" or name.startswith("numpy.random")}
    for node in ast.walk(tree):
        name = "" if id(node) in annotations else dotted(node)
        head, _, last = name.rpartition(".")
        bare_torch = head in ("torch", "F", "torch.nn.functional") and (last.startswith("rand") or last in TORCH_CHANCE)
        bare_numpy = name.startswith(("np.random.", "numpy.random.")) or last in CHANCE
        in_place = isinstance(node, ast.Attribute) and node.attr in ("normal_", "uniform_", "bernoulli_", "random_")
        if bare_torch or bare_numpy or in_place:
            found.add(name or node.attr)
    return found


def test_every_room_has_a_layer_and_every_layer_its_rooms() -> None:
    assert {room_of(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_imports_point_down(path: Path) -> None:
    room, rooms = room_of(path), rooms_imported(path)
    upward = {other for other in rooms if LEVEL[other] > LEVEL[room]}
    assert not upward, f"{room} imports {upward}, which are above it"


def test_rooms_import_each_other_in_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in FILES:
        graph.setdefault(room_of(path), set()).update(rooms_imported(path))
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize(
    "path", [p for p in FILES if room_of(p) in DRAWING], ids=lambda path: str(path.relative_to(HOME))
)
def test_what_draws_imports_neither_torch_nor_what_trains(path: Path) -> None:
    assert rooms_imported(path) <= DRAWING | {"spec"}
    assert "torch" not in {name.split(".")[0] for name in imported(path.read_text())}


def test_drawing_loads_no_torch() -> None:
    program = (
        "".join(f"import lth_lib.{room}\n" for room in sorted(DRAWING)) + "import sys; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=HOME.parent, check=False).returncode == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_all_chance_comes_from_streams(path: Path) -> None:
    tree = ast.parse(path.read_text())
    if path.name == "replicates.py":
        tree.body = [node for node in tree.body if getattr(node, "name", "") != "stream"]
    assert chance(ast.unparse(tree)) == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("torch.randn(3)", "torch.randn"),
        ("torch.manual_seed(0)", "torch.manual_seed"),
        ("torch.empty(3).normal_()", "normal_"),
        ("np.random.default_rng(0)", "np.random.default_rng"),
        ("from numpy.random import Philox", "numpy.random.Philox"),
        ("import random", "random"),
        ("F.dropout(x)", "F.dropout"),
    ],
)
def test_bare_chance_would_be_found(source: str, expected: str) -> None:
    assert expected in chance(source)


def test_an_import_within_a_function_would_be_found() -> None:
    assert "lth_lib.store" in imported("def f():\n    from lth_lib import store")
