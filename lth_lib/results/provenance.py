"""Where and with what a result was made; recorded beside it, never part of its address."""

from __future__ import annotations

import datetime
import functools
import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import torch

import lth_lib
from lth_lib.training.machine import flushed

LIBRARY = Path(lth_lib.__file__).resolve().parent


def provenance(
    device: str,
    fingerprint: str,
    seconds: float,
    parents: Mapping[str, Any] | None = None,
    kernel: Mapping[str, str] | None = None,
    commits: Sequence[str] = (),
) -> dict[str, Any]:
    """Return commit, source, versions, hardware, threads, data fingerprint, wall seconds and date.

    `parents` are the runs whose weights were taken, and how these differ from the stored results; `kernel` is what
    the kernel that trained says of itself, and `commits`, the last of them this one, those that trained in turn.
    """
    return ({"parents": dict(parents)} if parents else {}) | {
        **(kernel or {}),
        **({"commits": list(commits)} if len(commits) > 1 else {}),
        "commit": commit(),
        "data": fingerprint,
        "denormals": "flushed" if flushed() else "kept",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "device": torch.cuda.get_device_name() if device.startswith("cuda") else processor(),
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "seconds": round(seconds, 1),
        "source": source(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def processor() -> str:
    """Return the processor's name, or the machine's type where the system does not tell."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in _lines(info) if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@functools.cache
def commit() -> str:
    """Return the commit of the library's source, with "+" if it was changed since, or "unknown".

    Read once, before training: what is running is what was there then.
    """
    return commit_of(LIBRARY)


def commit_of(library: Path) -> str:
    """Return the commit of a library that lies at the top of its repository, as `commit` does."""
    try:
        if Path(_git(library, "rev-parse", "--show-toplevel")).resolve() != library.parent:
            return "unknown"  # it was copied or installed into somebody else's repository
        head = _git(library, "rev-parse", "HEAD")
        changed = _git(library, "status", "--porcelain", "--untracked-files=all", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changed else "")


def _git(folder: Path, *ask: str) -> str:
    """Return what git says of a folder, whatever repository its variables name."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", "-C", str(folder), *ask], env=own, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@functools.cache
def source() -> str:
    """Return a digest of the library's source: a commit changes with a page of the book, or is not known."""
    content = hashlib.sha256()
    for path in sorted(LIBRARY.rglob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]
