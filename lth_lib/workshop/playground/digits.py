"""The digits of the playground: a part of the sample in the package, half as large and of 16 greys."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from lth_lib.data import Images, MNISTSample
from lth_lib.data.arrays import PIXEL
from lth_lib.data.examples import Both, Examples, in_order
from lth_lib.spec import require

GREYS = 16
"""So many fit two to the byte."""


@dataclass(frozen=True)
class SmallDigits(Images):
    """Handwritten digits, 14x14 in 16 greys: 4,000 to train, 1,000 to test, and 1,000 that the page never sees.

    These last are the validation images: what is chosen is chosen on them.
    """

    shape: ClassVar[tuple[int, int, int]] = (1, 14, 14)
    mean: ClassVar[tuple[float, ...]] = MNISTSample.mean
    std: ClassVar[tuple[float, ...]] = MNISTSample.std
    trained: ClassVar[int | None] = 4_000
    held_out: ClassVar[int] = 1_000
    tested: ClassVar[int] = 1_000

    def examples(self) -> Both:
        """Return 5,000 of the sample's training examples and 1,000 of its test examples."""
        train, test = MNISTSample().examples()
        assert self.trained is not None
        return _smaller(train, self.trained + self.held_out), _smaller(test, self.tested)


def _smaller(examples: Examples, count: int) -> Examples:
    """Return the first examples, in the order of their hashes, which is chance: means of 2x2 pixels, rounded."""
    means = examples.images[:count].reshape(count, 1, 14, 2, 14, 2).mean((3, 5))
    grey = np.round(means / PIXEL * (GREYS - 1)) * (PIXEL / (GREYS - 1))
    return in_order(grey.astype(np.uint8), examples.labels[:count])


def packed(data: SmallDigits, part: str = "test") -> dict[str, Any]:
    """Return the images to train and those of another part as the page unpacks them: two pixels to the byte, deflated.

    A pixel times `scale` is what the network reads, less the shift that all pixels have in common.
    """
    require(part in ("valid", "test"), f"part was {part!r}; it is 'valid' or 'test'.")
    arrays = data.load()
    parts = arrays.train, getattr(arrays, part)
    greys = torch.cat([one.x for one in parts]).numpy().astype(int) * (GREYS - 1) // int(PIXEL)
    pairs = greys.reshape(-1, 2) @ np.array([GREYS, 1])
    return {
        "side": data.shape[1],
        "train": len(parts[0].y),
        "scale": float(arrays.scale * PIXEL / (GREYS - 1)),
        "labels": "".join(map(str, torch.cat([one.y for one in parts]).tolist())),
        "pixels": base64.b64encode(zlib.compress(pairs.astype(np.uint8).tobytes(), 9)).decode(),
    }
