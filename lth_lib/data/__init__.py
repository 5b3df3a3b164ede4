"""A data set is arrays on the device; a batch is an index."""

from lth_lib.data.arrays import Arrays, Split, normalise
from lth_lib.data.augment import Crops
from lth_lib.data.dataset import Dataset, Images
from lth_lib.data.datasets import (
    CIFAR10,
    MNIST,
    CIFAR10Sample,
    FashionMNIST,
    FashionMNISTSample,
    MNISTSample,
)
from lth_lib.data.examples import DataError
from lth_lib.data.few import CIFAR10Few, FashionMNISTFew, MNISTFew
from lth_lib.data.held import Held
from lth_lib.data.sequences import Marked, Repeated
from lth_lib.data.sound import check_arrays
from lth_lib.data.task import Classification, NextToken, Task

__all__ = [
    "CIFAR10",
    "MNIST",
    "Arrays",
    "CIFAR10Few",
    "CIFAR10Sample",
    "Classification",
    "Crops",
    "DataError",
    "Dataset",
    "FashionMNIST",
    "FashionMNISTFew",
    "FashionMNISTSample",
    "Held",
    "Images",
    "MNISTFew",
    "MNISTSample",
    "Marked",
    "NextToken",
    "Repeated",
    "Split",
    "Task",
    "check_arrays",
    "normalise",
]
