"""A bundle is read as it was written, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from lth_lib.results.bundle import file
from lth_lib.results.store import StoreError

DIGEST = "0123456789abcdef" * 4
FILES = {
    f"runs/{DIGEST}/metrics.npz": b"numbers",
    f"runs/{DIGEST}/spec.json": b"{}",
    f"kept/weights/{DIGEST}.weights": b"",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file.write(tmp_path / "a" / "bundle", FILES)
    return tmp_path / "a" / "bundle"


def test_what_is_written_is_read(path: Path) -> None:
    assert file.read(path) == FILES
    assert path.stat().st_size == file.size(FILES)
    before = path.read_bytes()
    file.write(path, FILES)
    assert path.read_bytes() == before


def test_any_other_byte_is_refused(path: Path) -> None:
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(StoreError, match="is no bundle, or was cut or altered on its way"):
            file.read(path)


@pytest.mark.parametrize("length", [0, 10, 64, 200, -1])
def test_a_cut_file_is_refused(length: int, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(StoreError, match="cut or altered"):
        file.read(path)


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read \\(No such file"):
        file.read(tmp_path / "none")
    with pytest.raises(StoreError, match="cannot be read \\(Is a directory"):
        file.read(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../metrics.npz",
        "runs/../../metrics.npz",
        f"runs/{DIGEST}/../spec.json",
        f"runs/{DIGEST}/.hidden.json",
        f"runs/{DIGEST}/a/spec.json",
        f"runs/{DIGEST}/run.py",
        f"runs/{DIGEST[:-1]}/spec.json",
        f"runs/{DIGEST}/spec.json\n",
        f"kept/weights/../{DIGEST}.weights",
        f"kept/{DIGEST}",
        "",
    ],
)
def test_a_name_that_no_bundle_has_is_refused(name: str, tmp_path: Path) -> None:
    file.write(tmp_path / "bundle", FILES | {name: b""})
    with pytest.raises(StoreError, match="which is no file of a bundle, so nothing is added"):
        file.read(tmp_path / "bundle")
