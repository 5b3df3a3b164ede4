"""Arrays of one's own are a data set that is named by what it holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import torch

from lth_lib.data.arrays import Arrays, Split
from lth_lib.data.dataset import Dataset
from lth_lib.data.examples import DataError
from lth_lib.data.task import Classification, NextToken, Task
from lth_lib.replicates import stream
from lth_lib.spec import refuse, require

_HELD: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}


@dataclass(frozen=True, kw_only=True)
class Held(Dataset):
    """Inputs and targets that this process holds, made by `Held.of(x, y)`; a tenth validates and a tenth tests.

    Its name is a fingerprint of the arrays, so that the same arrays find their results in another process too.
    """

    # Fields here, what every data set has of its class; none has a default.
    fingerprint: str
    shape: tuple[int, ...] = field()  # type: ignore[misc]
    classes: int = field()  # type: ignore[misc]
    task: Task = field()  # type: ignore[misc]

    @classmethod
    def of(cls, x: torch.Tensor | np.ndarray, y: torch.Tensor | np.ndarray) -> Held:
        """Return the data set of inputs x [N, ...], numbers or tokens, and targets y, whole numbers [N] or [N, T].

        Tensors or NumPy arrays: numbers become float32, tokens and targets int64. One target for each input is a class;
        one for each position is the token that follows (-1: not asked).
        """
        x, y = _tensor("x", x), _tensor("y", y)
        _check(x, y)
        x, y = (array.detach().cpu().clone(memory_format=torch.contiguous_format) for array in (x, y))
        content = hashlib.sha256(f"{x.dtype} {tuple(x.shape)} {tuple(y.shape)}".encode())
        for array in (x, y):
            content.update(array.numpy().tobytes())
        name = content.hexdigest()
        _HELD[name] = x, y
        task = Classification() if y.dim() == 1 else NextToken()
        return cls(fingerprint=name, shape=tuple(x.shape[1:]), classes=int(y.max()) + 1, task=task)

    @property
    def parts(self) -> tuple[int, int]:
        """How many examples train, and how many train or validate."""
        total = len(self._arrays()[1])
        return total - 2 * (total // 10), total - total // 10

    @property
    def trained(self) -> int | None:  # type: ignore[override]
        """How many examples train, where the arrays are in this process."""
        return self.parts[0] if self.fingerprint in _HELD else None

    def _arrays(self) -> tuple[torch.Tensor, torch.Tensor]:
        if self.fingerprint not in _HELD:
            raise DataError(
                f"The arrays {self.fingerprint[:12]} are not in this process; give them to Held.of(x, y) again, and "
                "what was made with them is found."
            )
        return _HELD[self.fingerprint]

    def load(self, device: str | torch.device = "cpu") -> Arrays:
        """Return the arrays on a device, split by a stream of their fingerprint."""
        x, y = (array.to(device) for array in self._arrays())
        order = torch.from_numpy(stream(0, "split", self.fingerprint).permutation(len(y))).to(device)
        first, second = self.parts
        parts = order[:first], order[first:second], order[second:]
        train, valid, test = (Split(x[rows], y[rows]) for rows in parts)
        return Arrays(train, valid, test, self.fingerprint)


def _tensor(name: str, array: torch.Tensor | np.ndarray) -> torch.Tensor:
    """Return examples as a tensor of float32 or int64; raise `SpecError` unless that loses nothing that is meant."""
    known = isinstance(array, torch.Tensor | np.ndarray) and array.ndim > 0
    require(known, f"{name} was {type(array).__name__}; give a tensor or a NumPy array, examples along its first axis.")
    try:
        given = torch.as_tensor(array)
    except (TypeError, ValueError):
        refuse(f"{name} was an array of {array.dtype}; give numbers, or tokens as whole numbers.")
    plain = given.layout == torch.strided and not given.is_quantized and not given.is_meta
    require(
        plain,
        f"{name} was a tensor that does not hold each number as it is ({given.dtype}, {given.layout}, on "
        f"{given.device}); give a plain one, such as {name}.to_dense() or {name}.dequantize().",
    )
    bytes_ = name == "x" and given.dtype == torch.uint8
    require(
        not bytes_, "x was uint8: pictures or tokens? Give pictures as float32, such as x / 255, and tokens as int64."
    )
    whole = not (given.is_floating_point() or given.is_complex())
    require(whole or name == "x", f"y was {given.dtype}; it is whole numbers: classes, or the next tokens.")
    require(not given.is_complex(), f"x was {given.dtype}; it is real numbers or, as whole numbers, tokens.")
    return given.to(torch.int64 if whole else torch.float32)


def _check(x: torch.Tensor, y: torch.Tensor) -> None:
    """Raise `SpecError` unless these are inputs and targets of a data set."""
    require(len(x) == len(y), f"x has {len(x)} examples and y {len(y)} targets; give as many.")
    require(len(x) >= 30, f"x has {len(x)} examples; give at least 30, of which a tenth each validates and tests.")
    fits = y.dim() == 1 or (y.dim() == 2 and y.shape == x.shape[:2])
    require(fits, f"y has the shape {tuple(y.shape)}; it is one class an example, or one token a position.")
    least = 0 if y.dim() == 1 else -1
    require(int(y.min()) >= least, f"y has the target {int(y.min())}; targets are 0 to the number of classes less one.")
    asked = bool((y >= 0).flatten(1).any(1).all()) if y.dim() > 1 else True
    require(asked, "y has examples of which nothing is asked, -1 everywhere; leave them out.")
    some = min(int(y.max()) + 1, len(y))  # more classes than examples have gaps among the first
    missing = sorted(set(range(some)) - set(y.flatten().tolist())) if y.dim() == 1 else []
    require(not missing, f"y has no example of the classes {missing[:5]}; targets are 0, 1, ... without gaps.")
    finite = not x.is_floating_point() or bool(x.isfinite().all())
    require(finite, "x holds numbers that are not finite; leave those examples out.")
