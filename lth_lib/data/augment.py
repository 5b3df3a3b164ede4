"""An augmentation is drawn from a named stream and applied where the images are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import pad

from lth_lib.spec import Spec, require


@dataclass(frozen=True)
class Crops(Spec):
    """Crops at random offsets of the image in a border of `pad` black pixels, half of them mirrored."""

    pad: int = 4
    flip: bool = True

    def __post_init__(self) -> None:
        """Raise `SpecError` unless the border is a whole number of pixels."""
        super().__post_init__()
        whole = self.pad >= 0
        require(whole, f"pad was {self.pad!r}; it is a whole number of pixels, 0 or more.")

    def draw(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
        """Draw [n, 3] whole numbers: the offsets down and right, in 0..2 pad, and 1 to mirror."""
        high = (2 * self.pad + 1, 2 * self.pad + 1, 2 if self.flip else 1)
        return rng.integers(0, high, size=(n, 3), dtype=np.int64)

    def apply(self, x: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        """Crop and mirror images uint8 [N, C, H, W] by draws int64 [N, 3] on the same device; same shape."""
        n, channels, height, width = x.shape
        border = pad(x, (self.pad,) * 4)
        along = torch.arange(width, device=x.device)
        rows = draws[:, 0:1] + torch.arange(height, device=x.device)
        columns = draws[:, 1:2] + torch.where(draws[:, 2:3].bool(), along.flip(0), along)
        pixels = rows[:, :, None] * border.shape[-1] + columns[:, None, :]
        every = pixels.view(n, 1, -1).expand(n, channels, -1)
        return border.view(n, channels, -1).gather(2, every).view(x.shape)
