"""Print the digest of everything the built book is made of: equal digests, equal books."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = ("_config.yml", "_toc.yml", "index.md", "requirements.txt", "book", "lth_lib")
IGNORED = {"__pycache__", ".ipynb_checkpoints"}
IGNORED_SUFFIXES = {".ipynb", ".pyc", ".tmp"}


def files(root: Path) -> Iterator[Path]:
    """Yield the files that the book is made of, in a fixed order."""
    for source in SOURCES:
        path = root / source
        yield from sorted(path.rglob("*")) if path.is_dir() else [path]


def digest(root: Path) -> str:
    """Return one SHA-256 over the names and contents of the files."""
    total = hashlib.sha256()
    for path in files(root):
        if path.is_file() and not IGNORED & set(path.parts) and path.suffix not in IGNORED_SUFFIXES:
            total.update(f"{path.relative_to(root).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(digest(Path(__file__).parents[2]) + "\n")
