"""A data set is arrays on the device; a batch is an index."""

from lth_lib.data.arrays import Arrays, Split, normalise
from lth_lib.data.augment import Crops
from lth_lib.data.datasets import (
    CIFAR10,
    MNIST,
    CIFAR10Sample,
    Dataset,
    FashionMNIST,
    FashionMNISTSample,
    MNISTSample,
)
from lth_lib.data.examples import DataError

__all__ = [
    "CIFAR10",
    "MNIST",
    "Arrays",
    "CIFAR10Sample",
    "Crops",
    "DataError",
    "Dataset",
    "FashionMNIST",
    "FashionMNISTSample",
    "MNISTSample",
    "Split",
    "normalise",
]
