"""A sparse network is a file: dense, or what is kept with a bitmap or in compressed rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.spec import refuse, require


def write_network(path: Path, params: Tree, masks: Masks, form: str) -> None:
    """Write one replicate's parameters [*shape] to a file of safetensors, in one of `FORMATS`.

    What is masked is zero; what has no mask, or only one axis, such as a bias, is written whole.
    """
    require(form in FORMATS, f"form was {form!r}; a network is written as one of {', '.join(FORMATS)}.")
    mask_rules.check(masks, params)
    encode, _ = FORMATS[form]
    tensors: Tree = {}
    shapes = {}
    for name, value in params.items():
        value = value.masked_fill(~masks[name], 0) if name in masks else value
        if name in masks and value.dim() > 1:
            shapes[name] = [*value.shape]
            parts = encode(value, masks[name])
            tensors |= {f"{name}/{part}": held for part, held in parts.items()}
        else:
            tensors[name] = value
    about = {"format": form, "shapes": json.dumps(shapes)}
    save_file({name: value.cpu().contiguous() for name, value in tensors.items()}, path, about)


def read_network(path: Path) -> Tree:
    """Return the parameters [*shape] that were written, masked ones as zeros; raises `SpecError` for another file."""
    try:
        with safe_open(path, framework="pt") as file:
            about, held = file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        _, decode = FORMATS[about["format"]]
        out = {name: value for name, value in held.items() if "/" not in name}
        for name, shape in json.loads(about["shapes"]).items():
            parts = {one.rpartition("/")[2]: value for one, value in held.items() if one.rpartition("/")[0] == name}
            out[name] = decode(parts, shape)
    except (SafetensorError, LookupError, ValueError, RuntimeError) as fault:
        refuse(f"{path} is no network that `write_network` wrote ({fault}); write it again.")
    return out


def _dense(value: torch.Tensor, mask: torch.Tensor) -> Tree:
    return {"all": value}


def _from_dense(parts: Tree, shape: list[int]) -> torch.Tensor:
    return parts["all"].view(shape)


def _bitmap(value: torch.Tensor, mask: torch.Tensor) -> Tree:
    """Return the kept weights, and a bit for each weight, eight to the byte."""
    return {"kept": value[mask], "bits": torch.from_numpy(np.packbits(mask.cpu().numpy()))}


def _from_bitmap(parts: Tree, shape: list[int]) -> torch.Tensor:
    bits = np.unpackbits(parts["bits"].numpy(), count=int(np.prod(shape)))
    return _filled(torch.from_numpy(bits.astype(bool)).view(shape), parts["kept"])


def _rows(value: torch.Tensor, mask: torch.Tensor) -> Tree:
    """Return the kept weights by rows, each a unit's or a filter's, the column of each, and where each row begins."""
    kept = mask.flatten(1)
    ends = kept.sum(1).cumsum(0)
    columns = kept.nonzero()[:, 1]
    return {
        "kept": value[mask],
        "columns": columns.to(torch.int32),
        "begins": torch.cat([ends.new_zeros(1), ends]).to(torch.int32),
    }


def _from_rows(parts: Tree, shape: list[int]) -> torch.Tensor:
    counts = parts["begins"].long().diff()
    rows = torch.arange(len(counts)).repeat_interleave(counts)
    mask = torch.zeros(shape, dtype=torch.bool)
    mask.flatten(1)[rows, parts["columns"].long()] = True
    return _filled(mask, parts["kept"])


def _filled(mask: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Return zeros of the shape of a mask, and what is kept in its places."""
    out = torch.zeros(mask.shape, dtype=kept.dtype)
    out[mask] = kept
    return out


FORMATS: dict[str, tuple[Callable[[torch.Tensor, torch.Tensor], Tree], Callable[[Tree, list[int]], torch.Tensor]]] = {
    "dense": (_dense, _from_dense),
    "bitmap": (_bitmap, _from_bitmap),
    "csr": (_rows, _from_rows),
}
"""How the weights of a layer are written, and read again, by the name of each format."""
