"""A checkpoint is a training state written whole, with its checksum."""

from __future__ import annotations

import hashlib
import warnings
from contextlib import suppress

import numpy as np
import torch
from safetensors.torch import load, save

from lth_lib.results.store import Place, discard, names, set_aside, write_bytes
from lth_lib.training.state import TrainState

KEPT = 2
TREES = ("params", "statistics", "masks", "best", "top")
ROWS = ("best_loss", "best_step", "top_accuracy", "top_step", "diverged_at")


def take(folder: Place, state: TrainState) -> None:
    """Write the state; the two newest checkpoints are kept, so that one altered later costs little."""
    content = save({name: tensor.contiguous().cpu() for name, tensor in _tensors(state).items()})
    name = f"{state.step:09d}-{_checksum(folder, content)}.safetensors"
    write_bytes(folder / name, content)
    for old in _written(folder)[:-KEPT]:
        discard(old)


def resume(folder: Place, state: TrainState) -> bool:
    """Set `state`, as it began, to the newest whole checkpoint of `folder`; say whether there was one."""
    for path in reversed(_written(folder)):
        try:
            tensors = _read(path, state)
        except FileNotFoundError:  # another process has written newer ones, or finished the run
            continue
        except OSError as fault:
            warnings.warn(f"The checkpoint {path} cannot be read ({fault.strerror or fault}).", stacklevel=2)
            continue
        except ValueError as fault:
            with suppress(OSError):  # another process has set it aside, or nobody may
                set_aside(path)
            warnings.warn(f"The checkpoint {path} {fault} and was set aside.", stacklevel=2)
            continue
        _restore(state, tensors)
        return True
    return False


def _checksum(folder: Place, content: bytes) -> str:
    """Return the checksum of a checkpoint of the run that a folder is named after, as 64 hexadecimal digits."""
    return hashlib.sha256(folder.name.encode() + content).hexdigest()


def _written(folder: Place) -> list[Place]:
    return [folder / name for name in names(folder) if name.endswith(".safetensors")]


def _read(path: Place, state: TrainState) -> dict[str, torch.Tensor]:
    """Return the tensors of a checkpoint; raises `ValueError` unless they have its checksum and fit `state`."""
    content = path.read_bytes()
    if _checksum(path.parent, content) != path.stem.partition("-")[2]:
        raise ValueError("does not match its checksum")
    try:
        tensors = load(content)
    except Exception as fault:  # safetensors raises whatever its parsing of altered bytes meets
        raise ValueError(f"is no file of tensors ({fault})") from fault
    own = _tensors(state)
    grown = {name: tensors[name] for name in tensors if name not in own}
    if not all(name in tensors and _alike(tensors[name], own[name]) for name in own) or not _fit(grown, state):
        raise ValueError("holds the state of another training")
    return tensors


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype


def _fit(grown: dict[str, torch.Tensor], state: TrainState) -> bool:
    """Say whether tensors are what a state has only after its beginning.

    That is its history, and slots and masks of its parameters: a dynamics may mask what had no mask before.
    """
    shapes = {name: value.shape for name, value in state.params.items()}
    for key, tensor in grown.items():
        kind, _, name = key.partition("/")
        known = kind == "masks" or kind.startswith("slots:")
        if kind != "history" and not (known and name in shapes and tensor.shape in ((), shapes[name])):
            return False
    return True


def _tensors(state: TrainState) -> dict[str, torch.Tensor]:
    """Return everything of a state by name."""
    trees = {name: getattr(state, name) for name in TREES}
    trees |= {f"slots:{slot}": tree for slot, tree in state.slots.items()}
    out = {f"{kind}/{name}": tensor for kind, tree in trees.items() for name, tensor in tree.items()}
    out |= {f"rows/{name}": getattr(state, name) for name in ROWS}
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
        elif kind == "masks":
            state.masks[name] = tensor.to(device)
        else:
            getattr(state, kind)[name].copy_(tensor.to(device))
