"""What is compiled is the same in other processes and on other processors, and its cache is never believed blindly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny

from lth_lib.training.kernels.compiled import cache

TRAINS = """
import json, sys, tiny, torch
from lth_lib.training.kernels.compiled import kernel
out = []
for below in map(float, sys.argv[1:]):
    kernel.SPARSE_BELOW = below
    given = tiny.setting()
    training = tiny.finish(tiny.trainer(given, tiny.random_masks(given, 0.5)))
    out.append([rows.tolist() for rows in training.state.history["valid_loss"]])
print(json.dumps(out))
"""


def trained_with(*below: float, **environment: str) -> np.ndarray:
    """Return the validation losses of another process, which takes the sparse kernel below these densities."""
    here = Path(__file__).parents[1]
    path = os.pathsep.join((str(here), str(here.parent)))
    ran = subprocess.run(
        [sys.executable, "-c", "import torch; torch.set_num_threads(1)\n" + TRAINS, *map(str, below)],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return np.array(json.loads(ran.stdout))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these are features of x86")
def test_a_processor_without_long_vectors_trains_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    short = trained_with(0, 2, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="+avx,+avx2,+fma,+bmi,+bmi2,+popcnt")
    for kind, losses in zip(("dense", "sparse"), short, strict=True):
        tiny.use_kernel(kind, monkeypatch)
        given = tiny.setting()
        ours = tiny.finish(tiny.trainer(given, tiny.random_masks(given, 0.5)))
        np.testing.assert_allclose(losses, tiny.columns(ours)["valid_loss"], rtol=1e-4)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    losses = trained_with(2, LTH_CACHE=str(tmp_path / "file"))
    assert np.isfinite(losses).all()


def test_a_cache_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    whole = trained_with(2, LTH_CACHE=str(tmp_path))
    for ending in ("nbi", "nbc"):
        damaged = [path for path in tmp_path.rglob(f"*.{ending}") if path.stat().st_size]
        assert damaged
        for path in damaged:
            path.write_bytes(path.read_bytes()[:-40])
        assert (trained_with(2, LTH_CACHE=str(tmp_path)) == whole).all()


def test_the_cache_is_apart_for_each_version_of_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {cache.version.__wrapped__()}
    read = Path.read_bytes
    for name in ("vectors.py", "updates.py", "sparse.py"):
        with monkeypatch.context() as changed:
            changed.setattr(Path, "read_bytes", lambda path, name=name: read(path) + b"#" * (path.name == name))
            versions.add(cache.version.__wrapped__())
    assert len(versions) == 4
