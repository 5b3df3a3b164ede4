"""A rehearsal looks at few examples: the first of a sample in the package, which are in an order of chance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from lth_lib.data.dataset import Images
from lth_lib.data.datasets import CIFAR10Sample, FashionMNISTSample, MNISTSample
from lth_lib.data.examples import Both, Examples, in_order


@dataclass(frozen=True)
class Few(Images, ABC):
    """Few images of a sample: 2,000 to train, 250 to validate, 500 to test."""

    trained: ClassVar[int | None] = 2_000
    held_out: ClassVar[int] = 250
    tested: ClassVar[int] = 500

    @abstractmethod
    def sample(self) -> Images:
        """Return the sample that they are of."""

    def examples(self) -> Both:
        """Return 2,250 of the sample's training examples and 500 of its test examples."""
        train, test = self.sample().examples()
        assert self.trained is not None
        return _first(train, self.trained + self.held_out), _first(test, self.tested)


@dataclass(frozen=True)
class MNISTFew(Few):
    """Few handwritten digits, 28x28 grey."""

    shape: ClassVar[tuple[int, int, int]] = MNISTSample.shape
    mean: ClassVar[tuple[float, ...]] = MNISTSample.mean
    std: ClassVar[tuple[float, ...]] = MNISTSample.std

    def sample(self) -> Images:
        """Return the sample of MNIST."""
        return MNISTSample()


@dataclass(frozen=True)
class FashionMNISTFew(Few):
    """Few pictures of clothes, 28x28 grey."""

    shape: ClassVar[tuple[int, int, int]] = FashionMNISTSample.shape
    mean: ClassVar[tuple[float, ...]] = FashionMNISTSample.mean
    std: ClassVar[tuple[float, ...]] = FashionMNISTSample.std

    def sample(self) -> Images:
        """Return the sample of Fashion-MNIST."""
        return FashionMNISTSample()


@dataclass(frozen=True)
class CIFAR10Few(Few):
    """Few photographs, 32x32 in colour."""

    shape: ClassVar[tuple[int, int, int]] = CIFAR10Sample.shape
    mean: ClassVar[tuple[float, ...]] = CIFAR10Sample.mean
    std: ClassVar[tuple[float, ...]] = CIFAR10Sample.std

    def sample(self) -> Images:
        """Return the sample of CIFAR-10."""
        return CIFAR10Sample()


def _first(examples: Examples, count: int) -> Examples:
    return in_order(examples.images[:count], examples.labels[:count])
