"""Two kernels train one start, and are compared by where their early stops come and how accurate they are there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from lth_lib.replicates import stream
from lth_lib.results.provenance import provenance
from lth_lib.results.store import HERE, check_writable
from lth_lib.spec import require
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import Setting
from lth_lib.workshop.bench.subjects import trained_by, trainer
from lth_lib.workshop.machine_file import file_name, write_json

KERNELS = HERE / "book" / "results" / "kernels"
STEPS = 12_000
"""How long two kernels are compared: early stops of this network come before."""
KEPT = (1.0, 0.2)
"""The share of weights that the blocks keep in turn, at random: each is trained by one of the two compiled kernels."""


def fresh_blocks(first: int) -> list[tuple[int, ...]]:
    """Return forty seeds in blocks of five; from 100 on, nothing else was trained with them."""
    require(first >= 0, f"the first seed was {first}; seeds are whole numbers, 0 or more.")
    return [tuple(range(seed, seed + 5)) for seed in range(first, first + 40, 5)]


def two_kernels(setting: Setting, blocks: Sequence[tuple[int, ...]], steps: int) -> dict[str, Any]:
    """Train blocks of seeds, each from one start, by the compiled kernel and by the general one."""
    check_writable(KERNELS)
    began = time.monotonic()
    rows = [_by_both(setting, seeds, KEPT[number % len(KEPT)], steps) for number, seeds in enumerate(blocks)]
    made = provenance("cpu", setting.data.load().fingerprint, time.monotonic() - began)
    return {"device": made["device"], "made": made, "steps": steps, "blocks": rows}


def _by_both(setting: Setting, seeds: tuple[int, ...], kept: float, steps: int) -> dict[str, Any]:
    """Return early stops, and test accuracy at them, of one block by each kernel."""
    masks = {}
    for layer in setting.layers:
        name, shape = f"{layer.name}.weight", (len(seeds), *layer.shape)
        masks[name] = torch.from_numpy(stream(seeds[0], "kernels", name).random(shape) < kept)
    row: dict[str, Any] = {"seeds": list(seeds), "kept": kept}
    both = {
        "compiled": trainer(setting, seeds, "cpu", masks),
        "general": trained_by(LoopedKernel, setting, seeds, masks),
    }
    for name, training in both.items():
        while training.state.step < steps:
            training.advance(steps)
        _, accuracy = training.evaluate(training.state.best, training.arrays.test)
        row[name] = {"best_step": training.state.best_step.tolist(), "best_test_accuracy": accuracy.tolist()}
    return row


def write_kernels(found: dict[str, Any]) -> Path:
    """Write the comparison of two kernels under the machine's name and its first seed."""
    first = found["blocks"][0]["seeds"][0]
    return write_json(KERNELS / f"{first}-{file_name(found['device'])}", found)
