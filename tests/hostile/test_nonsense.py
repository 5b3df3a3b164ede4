"""What makes no sense where a result, a record or a checkpoint belongs is named or set aside, and never believed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from checkpoints import begun, place
from kept import DENSE, TICKET, rehash, write
from safetensors.torch import save

import lth_lib.__main__ as app
from lth_lib.experiments.run import Dense
from lth_lib.results import checkpoint, compute
from lth_lib.results.provenance import commit
from lth_lib.results.store import Store, StoreError

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
