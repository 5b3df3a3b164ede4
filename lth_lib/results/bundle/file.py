"""A file of named bytes, as it was written or refused: a zip whose comment is the SHA-256 of all before it."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from lth_lib.results.store import StoreError, write_bytes

LIMIT = 16_000_000
"""What a file may hold, in bytes."""

NAMED = re.compile(
    r"(runs|measurements)/[0-9a-f]{64}/(\w+\.npz|\w+\.json)"
    r"|kept/weights/[0-9a-f]{64}\.weights"
    r"|kept/checkpoints/[0-9a-f]{64}/(about\.json|seconds|parents\.json|\d{9}-[0-9a-f]{64}\.safetensors)",
    re.ASCII,
)
"""What may be in it: the files of results, and of the scratch place those that a training goes on from."""

CHECKSUM, AROUND = 64, 30 + 46
"""The bytes of the comment, and those that a zip has around each member beside its name, which it writes twice."""


def size(files: Mapping[str, bytes]) -> int:
    """Return how many bytes the file of these has, whose members are not compressed again."""
    return 22 + CHECKSUM + sum(len(content) + 2 * len(name) + AROUND for name, content in files.items())


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a file whole or not at all; equal members make equal bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
        archive.comment = b"0" * CHECKSUM
    body = memory.getvalue()[:-CHECKSUM]
    write_bytes(path, body + hashlib.sha256(body).hexdigest().encode())


def read(path: Path) -> dict[str, bytes]:
    """Return the members of a file; raises `StoreError` if it is another than was written, or holds anything else."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise StoreError(f"{path} cannot be read ({fault.strerror or fault}); name a file of `--bundle`.") from fault
    body, checksum = content[:-CHECKSUM], content[-CHECKSUM:]
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        raise StoreError(f"{path} is no bundle, or was cut or altered on its way, so nothing is added; fetch it again.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            strange = [name for name in names if not NAMED.fullmatch(name) or names.count(name) > 1]
            if strange:
                raise StoreError(f"{path} holds {strange[0]!r}, which is no file of a bundle, so nothing is added.")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as fault:
        if isinstance(fault, StoreError):
            raise
        raise StoreError(f"{path} cannot be unpacked ({fault}), so nothing is added; fetch it again.") from fault
