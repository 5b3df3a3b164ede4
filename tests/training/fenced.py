"""The compiled kernel trains on arrays beside memory which may not be touched: what reads past an end is killed.

Run in a process of its own.
"""

from __future__ import annotations

import ctypes
import itertools
import mmap
import os
import signal
from collections.abc import Callable
from typing import Any

import compiled_trials
import numpy as np
import tiny

from lth_lib.training.kernels.compiled import dense, kernel, sparse

LIBC = ctypes.CDLL(None, use_errno=True)
WIDTHS = ((7, 5), (66, 3, 13), (1,))
BATCHES = (1, 17, 64, 130)


def fenced(array: np.ndarray, behind: bool) -> np.ndarray:
    """Return a copy that ends at a page which may not be touched, or begins behind one."""
    page = mmap.PAGESIZE
    pages = -(-array.nbytes // page) + 1
    memory = mmap.mmap(-1, pages * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    fence, first = (0, page) if behind else ((pages - 1) * page, (pages - 1) * page - array.nbytes)
    assert not LIBC.mprotect(ctypes.c_void_p(start + fence), page, 0), os.strerror(ctypes.get_errno())
    out = np.frombuffer(memory, array.dtype, array.size, first).reshape(array.shape)
    out[...] = array
    return out


def each(given: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Return the same tuple of tuples with each array changed."""
    if isinstance(given, tuple):
        parts = [each(part, change) for part in given]
        return type(given)(*parts) if hasattr(given, "_fields") else tuple(parts)
    return change(given) if isinstance(given, np.ndarray) else given


def fence(function: Callable[..., None], behind: bool) -> Callable[..., None]:
    """Return the same function of arrays that are fenced while it computes."""

    def call(*args: Any) -> None:
        arrays: list[tuple[np.ndarray, np.ndarray]] = []

        def moved(array: np.ndarray) -> np.ndarray:
            arrays.append((array, fenced(array, behind)))
            return arrays[-1][1]

        function(*each(args, moved))
        for array, copy in arrays:
            if array.flags.writeable:
                array[...] = copy

    return call


def assert_a_fence_kills(behind: bool) -> None:
    """Assert that a process which reads over the end does not live."""
    array = fenced(np.zeros(3, np.float32), behind)
    child = os.fork()
    if not child:
        ctypes.string_at(array.ctypes.data + (-1 if behind else array.nbytes), 1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) in (signal.SIGSEGV, signal.SIGBUS)


def main() -> None:
    """Train networks of odd widths, with batches that fill no vector, fenced at either end."""
    plain = [(code, name, getattr(code, name)) for code in (dense, sparse) for name in ("train", "evaluate")]
    for behind in (False, True):
        assert_a_fence_kills(behind)
        for code, name, function in plain:
            setattr(code, name, fence(function, behind))
        for below, hidden, batch in itertools.product((0.0, 2.0), WIDTHS, BATCHES):
            kernel.SPARSE_BELOW = below
            given = compiled_trials.of(hidden, batch)
            tiny.finish(tiny.trainer(given, compiled_trials.masks_of(given, 0.6)))
    print("alive")
