"""What is in a store may be anybody's: it is read as data, and can run nothing."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from kept import DENSE, TICKET, rehash, write
from safetensors.torch import save
from test_layering import FILES, HOME, dotted, imported

import lth_lib.__main__ as app
from lth_lib.experiments.measure import InputConnections
from lth_lib.experiments.run import Dense
from lth_lib.results import checkpoint, compute
from lth_lib.results.provenance import commit
from lth_lib.results.store import Store, StoreError

QUESTION = InputConnections(DENSE)


class Payload:
    """What makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.mark,))


def objects(payload: Payload) -> bytes:
    """Return an .npz file of objects under every name that a store asks for."""
    file, held = io.BytesIO(), np.array([payload], object)
    np.savez(file, **dict.fromkeys(("step", "diverged_at", "fc1.weight", "fc1.weight.shape", "kept"), held))
    return file.getvalue()


def one_array(payload: Payload) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([payload], object))
    return file.getvalue()


def of_torch(payload: Payload) -> bytes:
    file = io.BytesIO()
    torch.save({"params/fc1.weight": payload}, file)
    return file.getvalue()


FORMS: dict[str, Callable[[Payload], bytes]] = {
    "objects in an npz": objects,
    "objects in an npy": one_array,
    "a pickle": pickle.dumps,
    "torch.save": of_torch,
}


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "executed"


@pytest.fixture(params=FORMS)
def hostile(request: pytest.FixtureRequest, mark: Path) -> bytes:
    """Return a file that would run code: it is shown that it does, where it is believed."""
    content = FORMS[request.param](Payload(mark))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if request.param == "torch.save":
            torch.load(io.BytesIO(content), weights_only=False)
        else:
            believed = np.load(io.BytesIO(content), allow_pickle=True)
            _ = believed["step"] if isinstance(believed, np.lib.npyio.NpzFile) else believed
    assert mark.exists(), "it is a danger"
    mark.unlink()
    return content


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store which the command line takes for the book's."""
    return tiny.committed(tmp_path, monkeypatch)


@pytest.mark.parametrize("name", ["metrics.npz", "masks.npz"])
def test_a_result_runs_nothing_and_is_named(
    name: str, hostile: bytes, store: Store, mark: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(store)
    (folder / name).write_bytes(hostile)
    rehash(folder)
    (fault,) = store.verify()
    assert str(folder / name) in fault
    assert "cannot be read" in fault
    acts = {"masks.npz": lambda: store.find_masks(TICKET.ticket.masks), "metrics.npz": lambda: store.read(TICKET)}
    with pytest.raises(StoreError, match=f"{folder / name} cannot be read"):
        acts[name]()
    assert app.main(["verify"]) == 1
    assert str(folder / name) in capsys.readouterr().err
    assert not mark.exists()


def test_a_measurement_runs_nothing_and_is_named(hostile: bytes, store: Store, mark: Path) -> None:
    store.write_answer(QUESTION, {"kept": np.ones(3)}, {})
    folder = store.folder(QUESTION)
    (folder / "values.npz").write_bytes(hostile)
    rehash(folder)
    assert len(store.verify()) == 1
    with pytest.raises(StoreError, match=f"{folder / 'values.npz'} cannot be read"):
        compute.compute([QUESTION], store)
    assert not mark.exists()


def test_weights_run_nothing_and_are_made_again(hostile: bytes, store: Store, mark: Path, tmp_path: Path) -> None:
    whole = tiny.store(tmp_path / "whole")
    runs = [DENSE, TICKET]
    compute.compute(runs, whole, train=True, progress=False)
    compute.compute(runs[:1], store, train=True, progress=False)
    weights = store.scratch / "weights" / f"{DENSE.digest}.weights"
    weights.write_bytes(hostile)
    with pytest.warns(UserWarning, match="set aside"):
        compute.compute(runs, store, train=True, progress=False)
    assert weights.with_suffix(".damaged").read_bytes() == hostile
    assert all(tiny.same_result(run, store, whole) for run in runs)
    assert not mark.exists()


def place(folder: Path, step: int, content: bytes) -> Path:
    """Put a checkpoint whose name has the right checksum."""
    path = folder / f"{step:09d}-{hashlib.sha256(folder.name.encode() + content).hexdigest()}.safetensors"
    path.write_bytes(content)
    return path


def begun(folder: Path) -> tuple[tiny.Trainer, tiny.Trainer]:
    """Return a training of which a checkpoint is written, and one before its first step."""
    first, second = (tiny.trainer(tiny.setting()) for _ in "ab")
    first.advance(40)
    checkpoint.take(folder, first.state)
    return first, second


def test_a_checkpoint_runs_nothing_and_the_one_before_is_used(hostile: bytes, mark: Path, tmp_path: Path) -> None:
    first, second = begun(tmp_path)
    path = place(tmp_path, 20, hostile)
    with pytest.warns(UserWarning, match=f"{path} is no file of tensors .* set aside"):
        assert checkpoint.resume(tmp_path, second.state)
    assert path.with_suffix(".damaged").exists()
    assert second.state.step == 10
    assert tiny.same_tree(first.state.params, second.state.params)
    assert not mark.exists()


WRONG: dict[str, dict[str, torch.Tensor | None]] = {
    "a tensor too few": {"params/fc1.weight": None},
    "a tensor too many": {"params/fc9.weight": torch.ones(3)},
    "another shape": {"params/fc1.weight": torch.ones(3, 2)},
    "another type": {"rows/best_step": torch.ones(3)},
    "no step": {"step": None},
    "another step": {"step": torch.ones(3)},
    "a slot of no parameter": {"slots:exp_avg/fc9.weight": torch.ones(3)},
    "a slot of another shape": {"slots:exp_avg/fc1.weight": torch.ones(3)},
    "a name that is none": {"__class__": torch.ones(3)},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_checkpoint_of_another_training_is_set_aside_and_changes_nothing(wrong: str, tmp_path: Path) -> None:
    first, second = begun(tmp_path)
    first.advance(40)
    tensors = checkpoint._tensors(first.state) | WRONG[wrong]
    path = place(tmp_path, 20, save({name: value for name, value in tensors.items() if value is not None}))
    with pytest.warns(UserWarning, match=f"{path} holds the state of another training and was set aside"):
        assert checkpoint.resume(tmp_path, second.state)
    assert second.state.step == 10


NONSENSE = [
    ("about.json", b"\xff"),
    ("about.json", b"[]"),
    ("about.json", b"{}"),
    ("about.json", b'{"seconds": "__import__", "parents": {}, "commits": ["a"]}'),
    ("about.json", b'{"seconds": NaN, "parents": {}, "commits": ["a"]}'),
    ("about.json", b'{"seconds": 7000, "parents": [], "commits": ["a"]}'),
    ("about.json", b'{"seconds": 7000, "parents": {}, "commits": "a"}'),
    ("about.json", b'{"seconds": 7000, "parents": {}, "commits": []}'),
    ("seconds", b"\xff __import__('os')"),
    ("seconds", b"nan"),
    ("about.json", b'{"seconds": 1' + b"0" * 400 + b', "parents": {}, "commits": ["a"]}'),
    ("seconds", None),
    ("parents.json", None),
    ("parents.json", b"\xff"),
    ("parents.json", b"[]"),
]


@pytest.mark.parametrize(("name", "said"), NONSENSE)
def test_what_stands_beside_checkpoints_and_makes_no_sense_is_not_believed(
    name: str, said: bytes | None, store: Store
) -> None:
    folder = store.scratch / "checkpoints" / DENSE.digest
    begun(folder)
    if said is None:
        (folder / name).mkdir()
    else:
        (folder / name).write_bytes(said)
    result = compute.compute([DENSE], store, train=True, progress=False)[DENSE]
    assert result.provenance["seconds"] < 60
    assert result.provenance["commits"] == ["unknown", commit()]


NO_OBJECT = ["[]", '"text"', "7", "null", "{", "[" * 100_000]
NO_SPEC = [*NO_OBJECT, '{"seeds": 5}', '{"ticket": []}', '{"ticket": {"masks": 1}}']


@pytest.mark.parametrize("spec", NO_SPEC, ids=lambda text: text[:20])
def test_a_spec_of_another_type_is_named_and_stops_nothing_else(spec: str, store: Store) -> None:
    good = write(store)
    bad = good.with_name(hashlib.sha256(spec.encode()).hexdigest())
    bad.mkdir()
    for name in ("metrics.npz", "masks.npz", "provenance.json"):
        (bad / name).write_bytes((good / name).read_bytes())
    (bad / "spec.json").write_text(spec)
    (bad / "SHA256SUMS.json").touch()
    rehash(bad)
    (fault,) = store.verify()
    assert str(bad) in fault
    assert "make compute" in fault
    assert store.find_masks(Dense()) is None
    assert store.find_masks(TICKET.ticket.masks) is not None


@pytest.mark.parametrize("about", NO_OBJECT, ids=lambda text: text[:20])
@pytest.mark.parametrize("name", ["provenance.json", "SHA256SUMS.json"])
def test_a_record_of_another_type_is_named(name: str, about: str, store: Store) -> None:
    folder = write(store)
    (folder / name).write_text(about)
    if name == "provenance.json":
        rehash(folder)
    with pytest.raises(StoreError, match=f"{folder / name} cannot be read"):
        store.read(TICKET)
    assert len(store.verify()) == 1
    assert app.main(["show", TICKET.digest]) == 2


def test_a_file_that_leaves_its_folder_is_not_followed(store: Store, tmp_path: Path) -> None:
    folder = write(store)
    (tmp_path / "outside").write_text("x")
    sums = json.loads((folder / "SHA256SUMS.json").read_text())
    (folder / "SHA256SUMS.json").write_text(json.dumps(sums | {"../../../outside": hashlib.sha256(b"x").hexdigest()}))
    with pytest.raises(StoreError, match="lists"):
        store.read(TICKET)


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
