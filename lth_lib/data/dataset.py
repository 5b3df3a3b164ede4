"""A data set is named by a spec and loaded as arrays on the device, split for training, validation and testing."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from lth_lib.data.arrays import Arrays, Split
from lth_lib.data.cache import fingerprint
from lth_lib.data.examples import Both, DataError, Examples
from lth_lib.data.task import Classification, Task
from lth_lib.replicates import stream
from lth_lib.spec import Spec, added, require


@dataclass(frozen=True)
class Dataset(Spec, ABC):
    """Examples of a shape for a task of so many `classes`, whose targets are 0 to classes - 1.

    `held_out` of the training examples validate, `tested` test, and `trained` is how many train, where that is known
    before they are loaded; `told` names what has no default.
    """

    task: ClassVar[Task] = Classification()
    classes: ClassVar[int] = 10
    shape: ClassVar[tuple[int, ...]]
    held_out: ClassVar[int] = 5_000
    trained: ClassVar[int | None] = None
    tested: ClassVar[int]
    told: ClassVar[tuple[str, ...]] = ("shape",)

    def __post_init__(self) -> None:
        """Raise `SpecError` unless it says what its examples are."""
        super().__post_init__()
        unsaid = [one for one in self.told if not hasattr(self, one)]
        require(
            not unsaid,
            f"{type(self).__name__} does not say its {', '.join(unsaid)}; give each as a constant of the class.",
        )

    @abstractmethod
    def load(self, device: str | torch.device = "cpu") -> Arrays:
        """Return the data set on a device; the same arrays when asked again."""


@dataclass(frozen=True)
class Images(Dataset, ABC):
    """Images of `shape` (C, H, W), one byte a pixel and colour.

    `mean` and `std` are those of each channel, between 0 and 1, over the whole training set as it
    was published (training and validation images); samples and variants are normalised by the same.
    `pixels` says how a network sees them: "normalised" by these, or as "unit", between 0 and 1.
    """

    pixels: str = added("normalised", kw_only=True)

    shape: ClassVar[tuple[int, int, int]]
    mean: ClassVar[tuple[float, ...]]
    std: ClassVar[tuple[float, ...]]
    told: ClassVar[tuple[str, ...]] = ("shape", "mean", "std")

    def __post_init__(self) -> None:
        """Raise `SpecError` unless it is known how pixels are seen, and what they are."""
        super().__post_init__()
        known = ("normalised", "unit")
        require(self.pixels in known, f"pixels was {self.pixels!r}; it is one of {known}.")
        name = type(self).__name__
        sound = len(self.shape) == 3 and min(*self.shape, self.classes, self.held_out) > 0
        require(sound, f"{name} has {self.classes} classes of images of {self.shape} and holds out {self.held_out}.")
        each = len(self.mean) == len(self.std) == self.shape[0] and min(self.std) > 0
        require(each, f"{name} has the means {self.mean} and deviations {self.std}; each channel has one, above 0.")

    @abstractmethod
    def examples(self) -> Both:
        """Return the training examples, validation included, and the test examples, both checked."""

    def load(self, device: str | torch.device = "cpu") -> Arrays:
        """Return the data set on a device; the same arrays when asked again."""
        return _load(self, str(device))


@functools.cache
def _load(dataset: Images, device: str) -> Arrays:
    """Split a data set by its stream and put it on a device."""
    train, test = dataset.examples()
    for part in (train, test):
        _check(dataset, part)
    if not dataset.held_out < len(train.labels):
        raise DataError(
            f"{type(dataset).__name__} has {len(train.labels)} training images and holds out {dataset.held_out} of "
            "them; hold out fewer."
        )
    order = stream(0, "split", type(dataset).__name__).permutation(len(train.labels))
    kept = len(order) - dataset.held_out
    moments = (dataset.mean, dataset.std)
    if dataset.pixels == "unit":
        moments = ((0.0,) * len(dataset.mean), (1.0,) * len(dataset.std))
    mean, std = (torch.tensor(values, device=device).view(-1, 1, 1) for values in moments)
    return Arrays(
        train=_split(train, order[:kept], device),
        valid=_split(train, order[kept:], device),
        test=_split(test, np.arange(len(test.labels)), device),
        fingerprint=fingerprint(train, test),
        mean=mean,
        std=std,
    )


def _check(dataset: Images, part: Examples) -> None:
    """Raise `DataError` unless images and labels are what the data set says."""
    name, images, labels = type(dataset).__name__, part.images, part.labels
    if images.dtype != np.uint8 or images.shape != (len(labels), *dataset.shape) or not len(labels):
        raise DataError(
            f"{name} has images {images.dtype} {list(images.shape)} for {len(labels)} labels; they are uint8 "
            f"[N, {', '.join(map(str, dataset.shape))}], one or more."
        )
    if labels.dtype != np.int64 or labels.min() < 0 or labels.max() >= dataset.classes:
        raise DataError(
            f"{name} has labels {labels.dtype} from {labels.min()} to {labels.max()}; those of {dataset.classes} "
            f"classes are int64 from 0 to {dataset.classes - 1}."
        )


def _split(examples: Examples, rows: npt.NDArray[np.int64], device: str) -> Split:
    """Put the given rows of examples on a device."""
    x, y = torch.from_numpy(examples.images[rows]), torch.from_numpy(examples.labels[rows])
    return Split(x.to(device), y.to(device))
