"""A checkpoint is a training state written whole, with its checksum."""

from __future__ import annotations

import hashlib
import warnings

import numpy as np
import torch
from safetensors.torch import load, save

from lth_lib.store import Place, names, set_aside, write_bytes
from lth_lib.train import TrainState

KEPT = 2


def write(folder: Place, state: TrainState) -> None:
    """Write the state; the two newest checkpoints are kept, so that one altered later costs little."""
    content = save({name: tensor.contiguous().cpu() for name, tensor in _tensors(state).items()})
    name = f"{state.step:09d}-{hashlib.sha256(content).hexdigest()}.safetensors"
    write_bytes(folder / name, content)
    for old in _written(folder)[:-KEPT]:
        old.unlink(missing_ok=True)


def resume(folder: Place, state: TrainState) -> bool:
    """Set `state`, as it began, to the newest whole checkpoint of `folder`; say whether there was one."""
    for path in reversed(_written(folder)):
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # another process has written newer ones, or finished the run
            continue
        if hashlib.sha256(content).hexdigest() == path.stem.partition("-")[2]:
            _restore(state, load(content))
            return True
        set_aside(path)
        warnings.warn(f"The checkpoint {path} does not match its checksum and was set aside.", stacklevel=2)
    return False


def _written(folder: Place) -> list[Place]:
    return [folder / name for name in names(folder) if name.endswith(".safetensors")]


def _tensors(state: TrainState) -> dict[str, torch.Tensor]:
    """Return everything of a state by name."""
    trees = {"params": state.params, "statistics": state.statistics, "masks": state.masks, "best": state.best}
    trees |= {f"slots:{slot}": tree for slot, tree in state.slots.items()}
    out = {f"{kind}/{name}": tensor for kind, tree in trees.items() for name, tensor in tree.items()}
    out |= {f"rows/{name}": getattr(state, name) for name in ("best_loss", "best_step", "diverged_at")}
    out |= {f"history/{name}": torch.from_numpy(np.stack(rows)) for name, rows in state.history.items()}
    return out | {"step": torch.tensor(state.step)}


def _restore(state: TrainState, tensors: dict[str, torch.Tensor]) -> None:
    """Copy everything into the state, the optimiser's slots included."""
    device = state.diverged_at.device
    state.step = int(tensors.pop("step"))
    for key, tensor in tensors.items():
        kind, _, name = key.partition("/")
        if kind == "history":
            state.history[name] = list(tensor.numpy())
        elif kind == "rows":
            setattr(state, name, tensor.to(device))
        elif kind.startswith("slots:"):
            slot = state.slots.setdefault(kind.removeprefix("slots:"), {})
            slot[name] = tensor.to(device)
        else:
            tree = {"params": state.params, "statistics": state.statistics, "masks": state.masks, "best": state.best}
            tree[kind][name].copy_(tensor.to(device))
