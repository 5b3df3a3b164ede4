"""Files that would run what somebody wrote, if what reads them let them."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from lth_lib.results.store import Store


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
