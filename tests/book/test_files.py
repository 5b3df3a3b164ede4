"""What is not our own text is as its publisher made it, and no file names a package registry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC, VENDOR = ROOT / "book" / "static", ROOT / "tests" / "book" / "vendor"
OURS = {
    "SHA256SUMS",
    "book.css",
    "book.js",
    "explorer.css",
    "first.css",
    "frames.js",
    "loop.js",
    "result.svg",
    "sortable.js",
}
UNTRACKED = {".git", ".venv", "_build", ".store", "shared", "__pycache__"}
LARGEST = 4_000_000

# Written apart, so that this file does not name them either.
REGISTRIES = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org"))
NAMED = re.compile("|".join(rf"\b{name}\.{end}\b" for name, end in REGISTRIES).encode())


def sums(folder: Path) -> dict[str, str]:
    """Return the digest that each file of a folder should have."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


@pytest.mark.parametrize("folder", [STATIC, VENDOR], ids=["book/static", "tests/book/vendor"])
def test_files_of_others_are_unchanged(folder: Path) -> None:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items() if name not in OURS}
    assert digests == sums(folder)


@pytest.mark.parametrize("folder", [STATIC / "mathjax", VENDOR], ids=["mathjax", "axe"])
def test_the_licence_lies_beside(folder: Path) -> None:
    assert (folder / "LICENSE").stat().st_size > 1000


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Yield every file that could be committed."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name not in UNTRACKED and not path.name.endswith("_cache"):
            yield from files(path)
        elif path.is_file() and path.stat().st_size < LARGEST:
            yield path


def test_no_file_names_a_package_registry() -> None:
    naming = {str(path.relative_to(ROOT)): m.group() for path in files() if (m := NAMED.search(path.read_bytes()))}
    assert not naming
