"""Peak resident memory is that of a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from lth_lib.training.recipe import Setting
from lth_lib.workshop.bench.subjects import FIVE, NETWORKS, digits, photographs, trainer

TRAINED = {"LeNet-300-100": 300}
"""How many steps are affordable with evaluations."""


def peaks() -> dict[str, float]:
    """Return GiB, data included, of five replicates: steps and evaluations of LeNet, steps of the others."""
    names = ("LeNet-300-100", *NETWORKS)
    return {name: _in_process(name) for name in names}


def _in_process(name: str) -> float:
    """Train a little in a fresh process and return its peak."""
    program = f"from lth_lib.workshop.bench import memory; print(memory.peak({name!r}))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(said.stdout.split()[-1])


def peak(name: str) -> float:
    """Train some steps with an evaluation where that is affordable; return this process's peak in GiB."""
    setting = _setting(name)
    training = trainer(setting, FIVE, "cpu")
    if name in TRAINED:
        for _ in range(TRAINED[name] // setting.recipe.segment):
            training.advance(setting.recipe.steps)
    else:
        training.take(0, 2)
    return _peak_bytes() / (1 << 30)


def _peak_bytes() -> int:
    """Return this process's peak; on Linux `ru_maxrss` would be at least that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _setting(name: str) -> Setting:
    return photographs(*NETWORKS[name]) if name in NETWORKS else digits()
