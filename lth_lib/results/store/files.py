"""A file, or a folder of files with their hashes, is written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from lth_lib.results.store.places import SUMS, Place, StoreError, names, whole

ATTEMPTS = 3
ADVICE = "remove the folder and run `make compute` to make it again"


@contextmanager
def _writing(folder: Place) -> Iterator[None]:
    """Say of a full disk, or a folder that may not be written, where it is and how to go on."""
    try:
        yield
    except (FileNotFoundError, StoreError):  # another process has removed the folder: who writes knows what that means
        raise
    except Exception as fault:  # each kind of place has errors of its own
        raise StoreError(
            f"{folder} cannot be written ({_said(fault)}); what was there before is kept. Free space there, "
            "or make it writable, and give the same command again: it goes on from the newest checkpoint."
        ) from fault


def _said(fault: Exception) -> str:
    """Return what an error says, in one line."""
    return getattr(fault, "strerror", None) or " ".join(str(fault).split()) or type(fault).__name__


def check_writable(folder: Place) -> None:
    """Raise `StoreError` unless a folder can be made and a file written into it: to be known before work."""
    try:
        if isinstance(folder, Path):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        else:
            (folder / ".tried").write_bytes(b"")
            (folder / ".tried").unlink()
    except Exception as fault:  # each kind of place has errors of its own
        raise StoreError(
            f"{folder} cannot be written ({_said(fault)}), so nothing was begun; make it a folder that can be, or name "
            "another."
        ) from fault


def write_bytes(path: Place, content: bytes) -> None:
    """Write a file so that it is never half there: under a temporary name, then renamed, where that can be done."""
    with _writing(path.parent):
        if isinstance(path, Path):
            _write_and_rename_file(path, content)
        else:
            path.write_bytes(content)  # an object store shows an object when all of it has arrived


def _write_and_rename_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _shared(Path(name), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _shared(path: Path, mode: int) -> None:
    """Let others read what is in a shared store, unless the file system knows of no modes."""
    with suppress(OSError):
        path.chmod(mode)


def write_folder(final: Place, files: Mapping[str, bytes]) -> bool:
    """Write a folder of files and their hashes; if another process was first, its folder stays, and this is False."""
    sums = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    content = {**files, SUMS: (json.dumps(sums, indent=1, sort_keys=True) + "\n").encode()}
    with _writing(final.parent):
        if isinstance(final, Path):
            return _write_and_rename(final, content)
        new = not whole(final)
        if new:
            _write_in_order(final, content)
        return new


def _write_and_rename(final: Path, files: Mapping[str, bytes]) -> bool:
    """Write a folder under a temporary name, then rename it; say whether there was none."""
    final.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".", dir=final.parent))
    try:
        _shared(folder, 0o755)
        for name, content in files.items():
            with (folder / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        new = not final.exists()
        if new:
            os.replace(folder, final)
        return new
    except OSError:
        if not final.exists():
            raise
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_in_order(final: Place, files: Mapping[str, bytes]) -> None:
    """Write the files, the hashes last, and read them again: another process may have written between them."""
    for _ in range(ATTEMPTS):
        for name, content in files.items():
            (final / name).write_bytes(content)
        if all((final / name).read_bytes() == content for name, content in files.items()):
            return
    raise StoreError(f"{final} was written {ATTEMPTS} times and never held what was written; is the store in order?")


def check_folder(folder: Place, required: tuple[str, ...]) -> None:
    """Raise `StoreError` unless the folder is named by its spec and every file has its recorded hash."""
    held = {*names(folder)}
    missing = [name for name in (*required, SUMS) if name not in held]
    if missing:
        raise StoreError(f"{folder} lacks {', '.join(missing)}; {ADVICE}.")
    name = file_digest(folder / "spec.json")
    if name != folder.name:
        raise StoreError(f"{folder} holds the spec of {name}; {ADVICE}.")
    sums = read_json(folder / SUMS)
    if strange := sorted(held - {SUMS} - set(sums)):
        said = f"{folder} holds {', '.join(strange)}, which {SUMS} does not list"
        raise StoreError(f"{said}; move away what is not of it, else {ADVICE}.")
    if held - {SUMS} != set(sums):
        raise StoreError(f"{folder} holds {sorted(held - {SUMS})} but {SUMS} lists {sorted(sums)}; {ADVICE}.")
    for name, recorded in sums.items():
        if file_digest(folder / name) != recorded:
            raise StoreError(f"{folder / name} does not match its SHA-256 in {SUMS}; {ADVICE}.")


def file_digest(path: Place) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits; raises `StoreError` where it is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise _unreadable(path, fault.strerror or fault) from fault


def to_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return named arrays as the bytes of a compressed .npz file."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def read_npz(path: Place) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file; raises `StoreError` where it is none, or would need pickle."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            members = dict(arrays)
        if strange := [name for name, member in members.items() if not isinstance(member, np.ndarray)]:
            raise ValueError(f"{strange} are no arrays")
        return members
    except Exception as fault:  # numpy raises whatever its parsing of altered bytes meets
        raise _unreadable(path, fault) from fault


def read_json(path: Place) -> dict[str, Any]:
    """Return the fields of a JSON file; raises `StoreError` where it holds anything else."""
    try:
        fields = json.loads(path.read_text())
    except Exception as fault:  # whatever the parsing of altered bytes meets
        raise _unreadable(path, fault) from fault
    if not isinstance(fields, dict):
        raise _unreadable(path, f"it is no JSON object but a {type(fields).__name__}")
    return fields


def _unreadable(path: Place, fault: Exception | str) -> StoreError:
    return StoreError(f"{path} cannot be read ({fault}); remove its folder and run `make compute` to make it again.")
