"""What a training asks of the process that it runs in: the same bits each time, and memory that is kept."""

from __future__ import annotations

import ctypes
import os
import re
import sys

import torch

from lth_lib.spec import require


def check_device(device: str, *, here: bool = True) -> None:
    """Raise `SpecError` unless torch can compute on `device`, `here` or on machines whose GPUs are not known yet."""
    known = isinstance(device, str) and re.fullmatch(r"cpu|cuda(:\d+)?", device)
    require(bool(known), f"device was {device!r}; it is 'cpu', 'cuda' or 'cuda:N'.")
    require(
        there(device) or not here,
        f"device was {device!r}, but torch sees {torch.cuda.device_count()} GPUs here; "
        "use 'cpu', or a machine and a torch with CUDA.",
    )


def there(device: str) -> bool:
    """Say whether torch sees a device, cpu, cuda or cuda:N, on this machine."""
    return device == "cpu" or int(device.partition(":")[2] or "0") < torch.cuda.device_count()


def prepare(device: torch.device) -> None:
    """Ask for all of it, before the first step."""
    flush_denormals()
    keep_freed_memory()
    if device.type == "cuda":
        repeat_exactly()
        torch.backends.cudnn.allow_tf32 = False  # float32 is float32; who wants less precision says bfloat16
        if torch.cuda.is_available():
            torch.cuda.set_device(device)  # a graph records the streams of the current device


def flush_denormals() -> None:
    """Let this thread, and those that torch computes with, take numbers below 1e-38 for zero.

    Adam's moments of a weight without gradient decay into them, and a processor takes many times as long for each.
    """
    torch.set_flush_denormal(True)


def flushed() -> bool:
    """Say whether this thread, and those that torch computes with, take numbers below 1e-38 for zero."""
    return not bool((torch.full((1 << 20,), 1e-38) * 0.1).any())


def repeat_exactly() -> None:
    """Let CUDA add in one order: else its atomic additions and cuBLAS's workspaces change the last bits of each run.

    cuBLAS reads the variable when it is first used. An operation that has no such order warns and does not stop the
    run: pooling is one, whose windows here never overlap, so that each of its sums has one term.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Else every new tensor is first filled with NaN, one more kernel each; nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def keep_freed_memory() -> None:
    """Let glibc keep freed blocks: else each step's gradients are unmapped and faulted in again, at twice the time."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        trim_threshold, mmap_threshold = -1, -3
        # An older glibc refuses more than 32 MB, and a refusal would freeze the threshold where it is.
        _ = libc.mallopt(mmap_threshold, 1 << 30) or libc.mallopt(mmap_threshold, 32 << 20)
        libc.mallopt(trim_threshold, (1 << 31) - 1)


def return_freed_memory() -> None:
    """Give the system what is freed: kept for days, blocks of all sizes leave holes that add up to gigabytes."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
