"""What is kept of a training that has ended: what was measured of it, and its masks where they are small."""

from __future__ import annotations

import numpy as np
import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.results.store import MASK_BYTES, to_npz
from lth_lib.training.state import TrainState
from lth_lib.training.train import Trainer


def small(masks: Masks) -> bool:
    """Say whether masks are small enough to be stored with a result."""
    return len(to_npz(mask_rules.pack(masks))) <= MASK_BYTES


def measured(state: TrainState, trainer: Trainer, masks: Masks) -> dict[str, np.ndarray]:
    """Return the history, [S] and [S, R], and what is measured once at the end, [R], of the masks at the end too."""
    out = {name: np.stack(rows).astype(np.float32) for name, rows in state.history.items()}
    out["step"] = np.stack(state.history["step"]).astype(np.int64)
    dead = (state.diverged_at >= 0).cpu().numpy()
    for name, accuracy in _accuracies(state, trainer).items():
        gone = dead if name.startswith("final") else state.best_loss.isinf().cpu().numpy()
        out[name] = np.where(gone, np.nan, accuracy).astype(np.float32)
    for name in ("best_step", "top_step", "diverged_at"):
        out[name] = getattr(state, name).cpu().numpy()
    if dynamics := trainer.setting.recipe.dynamics:
        out["last_replaced"] = np.full(len(dead), dynamics.until)
    for name, share in mask_rules.layer_density(masks).items():
        out[f"layer_density/{name}"] = share
    return out


def _accuracies(state: TrainState, trainer: Trainer) -> dict[str, np.ndarray]:
    """Return accuracies [R] of the weights that were kept and of those at the end, on what was trained and on tests."""
    at_end = torch.full_like(state.best_step, state.step), state.params | state.statistics
    kept = {"best": (state.best_step, state.best), "top": (state.top_step, state.top), "final": at_end}
    known: dict[tuple, np.ndarray] = {}
    out = {}
    for when, (steps, weights) in kept.items():
        for split in ("train", "test"):
            of = split, *steps.tolist()  # those of a step are the same, whatever they were kept for
            if of not in known:
                _, known[of] = trainer.evaluate(weights, getattr(trainer.arrays, split))
            out[f"{when}_{split}_accuracy"] = known[of]
    return out


def named(kind: str, tensors: Tree) -> Tree:
    """Return the tensors whose names begin with a kind, by the rest of their names."""
    return {name.removeprefix(kind): value for name, value in tensors.items() if name.startswith(kind)}
