"""Compiled functions are kept in the cache folder, apart for each version of their source."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite
import numba
from llvmlite import binding
from numba import njit
from numba.core import config as numba_config

from lth_lib.data.cache import folder

config: Any = numba_config  # which makes its names as it is imported
RULES: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""Threads run at once, and a division is the processor's own. No `fastmath`: `vectors.FUSE` says what is allowed."""

inlined = njit(**RULES)
"""Compiles a function that only other compiled ones call; it is kept as a part of them."""


@functools.cache
def version() -> str:
    """Return a digest of all that decides what is compiled.

    numba itself looks at the one file of a function only, and would go on using what was compiled of the others.
    """
    content = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content.update(path.read_bytes())
    processor = config.CPU_NAME or binding.get_host_cpu_name()
    content.update(f"{numba.__version__} {llvmlite.__version__} {processor}".encode())
    return content.hexdigest()[:16]


@functools.cache
def place() -> Path | None:
    """Return the folder of this version; None where it cannot be written, so that each process compiles anew."""
    cache = folder()
    if cache is None:
        return None
    there = cache / "kernels" / version()
    try:
        there.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=there):
            return there
    except OSError:
        return None


@contextlib.contextmanager
def _directed(there: Path) -> Iterator[None]:
    """Let numba look for a function's cache in a folder, and nowhere else for any other function."""
    before, config.CACHE_DIR = config.CACHE_DIR, os.fspath(there)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Compile a function when it is first called, or take it from the cache."""
    there = place()
    if there is None:
        return njit(**RULES)(function)
    with _directed(there):
        made = njit(cache=True, **RULES)(function)

    @functools.wraps(function)
    def call(*args: Any) -> None:
        nonlocal made
        if not made.signatures:  # the one time that the cache is read or written
            with contextlib.suppress(Exception):  # a disk that is full now: what was compiled is there all the same
                made.compile(tuple(map(numba.typeof, args)))
            if not made.signatures:  # a file that is damaged, or may not be read, counts as none
                made = njit(**RULES)(function)
        made(*args)

    return call
