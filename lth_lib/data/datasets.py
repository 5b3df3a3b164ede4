"""The data sets of the book, and samples of them that lie in the package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lth_lib.data import published, sources
from lth_lib.data.dataset import Images
from lth_lib.data.examples import Both
from lth_lib.spec import require


@dataclass(frozen=True)
class MNIST(Images):
    """Handwritten digits, 28x28 grey: 55,000 to train, 5,000 to validate, 10,000 to test."""

    shape: ClassVar[tuple[int, int, int]] = published.MNIST.shape
    trained: ClassVar[int | None] = 55_000
    tested: ClassVar[int] = published.MNIST.counts[1]
    mean: ClassVar[tuple[float, ...]] = (0.13066048,)
    std: ClassVar[tuple[float, ...]] = (0.30810780,)

    def examples(self) -> Both:
        """Return the 60,000 training examples and the 10,000 test examples."""
        return sources.find(published.MNIST)


@dataclass(frozen=True)
class FashionMNIST(Images):
    """Pictures of clothes, 28x28 grey: 55,000 to train, 5,000 to validate, 10,000 to test."""

    shape: ClassVar[tuple[int, int, int]] = published.FASHION_MNIST.shape
    trained: ClassVar[int | None] = 55_000
    tested: ClassVar[int] = published.FASHION_MNIST.counts[1]
    mean: ClassVar[tuple[float, ...]] = (0.28604060,)
    std: ClassVar[tuple[float, ...]] = (0.35302424,)

    def examples(self) -> Both:
        """Return the 60,000 training examples and the 10,000 test examples."""
        return sources.find(published.FASHION_MNIST)


@dataclass(frozen=True)
class CIFAR10(Images):
    """Photographs, 32x32 in colour: 45,000 to train, 5,000 to validate, 10,000 to test.

    `variant` is "exact", the pixels as published, or "jpeg75", the same images as JPEG of quality
    75, whose results must be said to be of that variant.
    """

    variant: str = "exact"

    shape: ClassVar[tuple[int, int, int]] = published.CIFAR10["exact"].shape
    trained: ClassVar[int | None] = 45_000
    tested: ClassVar[int] = published.CIFAR10["exact"].counts[1]
    mean: ClassVar[tuple[float, ...]] = (0.49139968, 0.48215841, 0.44653091)
    std: ClassVar[tuple[float, ...]] = (0.24703223, 0.24348513, 0.26158784)

    def __post_init__(self) -> None:
        """Raise `SpecError` unless the variant is known."""
        super().__post_init__()
        known = tuple(published.CIFAR10)
        require(self.variant in known, f"variant was {self.variant!r}; CIFAR-10 has the variants {known}.")

    def examples(self) -> Both:
        """Return the 50,000 training examples and the 10,000 test examples."""
        return sources.find(published.CIFAR10[self.variant])


@dataclass(frozen=True)
class MNISTSample(Images):
    """A sample of MNIST in the package: 9,000 to train, 1,000 to validate, 2,000 to test."""

    shape: ClassVar[tuple[int, int, int]] = MNIST.shape
    trained: ClassVar[int | None] = 9_000
    tested: ClassVar[int] = published.MNIST_SAMPLE.counts[1]
    mean: ClassVar[tuple[float, ...]] = MNIST.mean
    std: ClassVar[tuple[float, ...]] = MNIST.std
    held_out: ClassVar[int] = 1_000

    def examples(self) -> Both:
        """Return the 10,000 training examples and the 2,000 test examples."""
        return sources.embedded(published.MNIST_SAMPLE)


@dataclass(frozen=True)
class FashionMNISTSample(Images):
    """A sample of Fashion-MNIST in the package: 4,500 to train, 500 to validate, 1,000 to test."""

    shape: ClassVar[tuple[int, int, int]] = FashionMNIST.shape
    trained: ClassVar[int | None] = 4_500
    tested: ClassVar[int] = published.FASHION_MNIST_SAMPLE.counts[1]
    mean: ClassVar[tuple[float, ...]] = FashionMNIST.mean
    std: ClassVar[tuple[float, ...]] = FashionMNIST.std
    held_out: ClassVar[int] = 500

    def examples(self) -> Both:
        """Return the 5,000 training examples and the 1,000 test examples."""
        return sources.embedded(published.FASHION_MNIST_SAMPLE)


@dataclass(frozen=True)
class CIFAR10Sample(Images):
    """A sample of the variant "jpeg75" of CIFAR-10 in the package: 4,500 to train, 500 to validate, 1,000 to test."""

    shape: ClassVar[tuple[int, int, int]] = CIFAR10.shape
    trained: ClassVar[int | None] = 4_500
    tested: ClassVar[int] = published.CIFAR10_SAMPLE.counts[1]
    mean: ClassVar[tuple[float, ...]] = CIFAR10.mean
    std: ClassVar[tuple[float, ...]] = CIFAR10.std
    held_out: ClassVar[int] = 500

    def examples(self) -> Both:
        """Return the 5,000 training examples and the 1,000 test examples."""
        return sources.embedded(published.CIFAR10_SAMPLE)
