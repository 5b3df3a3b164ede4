"""Imports point down only, what draws needs no torch, and all chance comes from one function."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import lth_lib

ROOMS = (
    "spec",
    "environment",
    "replicates",
    "masks",
    "models",
    "data",
    "pruning: criteria granularity scope schedule forward penalty pruner dynamics removal paths formats",
    "training: machine trial recipe kernels state reading squares probe rehearsal evaluate train proof",
    "experiments: run lineage masks weights facts costs measure studies",
    "results: store stored at_hand about checkpoint progress provenance descent deadline ending engine plan bundle "
    "cluster beforehand compute",
    "report: turns stats claims figures pictures widgets explorer explored_curves page prose speed engines sweep "
    "sortable overview comparison",
    "workshop: twenty chapters table own machine_file javascript playground bench remake commands",
    "__main__",
)
"""The rooms from the ground up, and those inside them; what is written later may import what is written earlier."""

UNDER_REPORT = {"report", "spec"}
"""All that what draws may import."""


def _places() -> list[str]:
    """Return every place of the house, from the ground up: `pruning.criteria` or, of a room without more, `spec`."""
    found = []
    for line in ROOMS:
        room, _, inside = line.partition(": ")
        found += [f"{room}.{one}" for one in inside.split()] or [room]
    return found


PLACES = _places()
HOME = Path(lth_lib.__file__).parent
FILES = sorted(path for path in HOME.rglob("*.py") if path != HOME / "__init__.py")
CHANCE = ("Generator", "Philox", "PCG64", "MT19937", "RandomState", "default_rng", "SeedSequence")
TORCH_CHANCE = ("bernoulli", "multinomial", "normal", "poisson", "manual_seed", "seed", "dropout", "Dropout")


def place_of(name: str) -> str:
    """Return the place of a module or of what is in it, by its name after `lth_lib.`; empty if it has none."""
    parts = name.split(".")
    return next((place for place in (".".join(parts[:2]), parts[0]) if place in PLACES), "")


def module(path: Path) -> str:
    return ".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__")


def sentence_of_a_room(path: Path) -> bool:
    """Return whether a file only says what a room of several places is."""
    return path.name == "__init__.py" and not place_of(module(path))


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


def places_imported(path: Path) -> set[str]:
    """Return the places of the house that a file imports, but for its own."""
    names = {name.removeprefix("lth_lib.") for name in imported(path.read_text()) if name.startswith("lth_lib.")}
    return {place_of(name) for name in names if place_of(name)} - {place_of(module(path))}


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


def test_every_file_has_a_place_and_every_place_its_files() -> None:
    assert {place_of(module(path)) for path in FILES if not sentence_of_a_room(path)} == set(PLACES)


def test_a_room_that_only_holds_others_imports_nothing() -> None:
    assert {name for path in FILES if sentence_of_a_room(path) for name in imported(path.read_text())} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_imports_point_down(path: Path) -> None:
    if sentence_of_a_room(path):
        return
    own = place_of(module(path))
    upward = {other for other in places_imported(path) if PLACES.index(other) > PLACES.index(own)}
    assert not upward, f"{own} imports {upward}, which are above it"


@pytest.mark.parametrize("place", PLACES)
def test_files_of_a_place_import_each_other_in_no_circle(place: str) -> None:
    # A folder's own file says what the folder offers; each of the others may ask the folder for one that it needs.
    own = {module(path): path for path in FILES if place_of(module(path)) == place and path.name != "__init__.py"}
    graph = {
        name: {other.removeprefix("lth_lib.") for other in imported(path.read_text())} & own.keys() - {name}
        for name, path in own.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


DRAWING = [path for path in FILES if path.relative_to(HOME).parts[0] == "report"]


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: str(path.relative_to(HOME)))
def test_what_draws_imports_neither_torch_nor_what_trains(path: Path) -> None:
    assert {place.split(".")[0] for place in places_imported(path)} <= UNDER_REPORT
    assert "torch" not in {name.split(".")[0] for name in imported(path.read_text())}


def test_drawing_loads_no_torch() -> None:
    assert len(DRAWING) > len(ROOMS), "a test of nothing would pass"
    lines = [f"import lth_lib.{module(path)}" for path in DRAWING]
    program = "\n".join([*lines, "import sys; sys.exit('torch' in sys.modules)"])
    assert subprocess.run([sys.executable, "-c", program], cwd=HOME.parent, check=False).returncode == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_all_chance_comes_from_streams(path: Path) -> None:
    tree = ast.parse(path.read_text())
    if path.name == "replicates.py":
        allowed = "stream", "others_stream", "generators"
        tree.body = [node for node in tree.body if getattr(node, "name", "") not in allowed]
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


def test_an_import_upwards_inside_a_room_would_be_found() -> None:
    assert PLACES.index(place_of("pruning.scope")) < PLACES.index(place_of("pruning.pruner.Pruner"))
    assert place_of("pruning") == "", "a room of several places is none itself"


def test_an_import_within_a_function_would_be_found() -> None:
    assert "lth_lib.results.store" in imported("def f():\n    from lth_lib.results import store")


LINES, LINES_OF_A_FUNCTION = 250, 45


def functions(source: str) -> dict[str, int]:
    """Return how many lines each function of a source has, its decorators apart."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in found}


@pytest.mark.parametrize("path", [*FILES, HOME / "__init__.py"], ids=lambda path: str(path.relative_to(HOME)))
def test_a_file_and_a_function_have_one_idea_and_so_are_short(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= LINES
    assert {name: lines for name, lines in functions(source).items() if lines > LINES_OF_A_FUNCTION} == {}


def test_files_of_tests_are_short_too() -> None:
    tests = sorted(Path(__file__).parent.rglob("*.py"))
    assert Path(__file__) in tests
    assert {str(path): lines for path in tests if (lines := len(path.read_text().splitlines())) > LINES} == {}


def test_a_long_function_would_be_found() -> None:
    source = "class A:\n    def f(self):\n" + "        1\n" * LINES_OF_A_FUNCTION
    assert functions(source) == {"f": LINES_OF_A_FUNCTION + 1}
