"""No source of the library runs what it reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from test_layering import FILES, HOME, dotted, imported

UNPICKLES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}


RUNS = {"eval", "exec", "compile", "__import__", "torch.load", "pandas.read_pickle", "pd.read_pickle", "torch.jit.load"}


def dangers(source: str) -> set[str]:
    """Return what in a source would run what it reads."""
    found = {name.split(".")[0] for name in imported(source)} & UNPICKLES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name, given = dotted(node.func), {k.arg: ast.unparse(k.value) for k in node.keywords}
            numpy_load = name in ("np.load", "numpy.load", "np.lib.format.read_array")
            if name in RUNS or (numpy_load and given.get("allow_pickle") != "False"):
                found.add(name)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_source_runs_what_it_reads(path: Path) -> None:
    source = path.read_text()
    assert dangers(source) == set()
    if "torchvision" in {name.split(".")[0] for name in imported(source)}:
        assert path == HOME / "data" / "publisher.py", "torchvision unpickles the batches of CIFAR, by their checksums"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    from pickle import loads", "pickle"),
        ("torch.load(path, weights_only=True)", "torch.load"),
        ("np.load(path)", "np.load"),
        ("np.load(path, allow_pickle=flag)", "np.load"),
        ("eval(text)", "eval"),
        ("exec(text)", "exec"),
    ],
)
def test_what_runs_what_it_reads_would_be_found(source: str, found: str) -> None:
    assert found in dangers(source)
