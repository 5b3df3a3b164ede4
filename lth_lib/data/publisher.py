"""The publisher's own files are torchvision's business: their names, checksums and download."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
from torch import library

from lth_lib.data.examples import Both, Examples, Labels, Pixels, in_order

FOLDERS = {"MNIST": "MNIST/raw", "FashionMNIST": "FashionMNIST/raw", "CIFAR10": "cifar-10-batches-py"}
"""Where torchvision keeps the files of each of its data sets."""

SECONDS = 10.0
"""How long a server may be silent before a download is given up."""


def files(root: Path, name: str) -> list[Path]:
    """Return torchvision's files of a data set under a folder, or none."""
    folder = root / FOLDERS[name]
    return sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []


def read(root: Path, name: str) -> Both:
    """Read torchvision's files of a data set, which checks them by the publisher's checksums where it has any."""
    return _read(root, name, download=False)


def download(root: Path, name: str) -> Both:
    """Download torchvision's files of a data set into a folder and read them."""
    with _patience(SECONDS):
        return _read(root, name, download=True)


def _read(root: Path, name: str, *, download: bool) -> Both:
    """Read the training and the test examples of one data set of torchvision."""
    kind = getattr(datasets(), name)
    train, test = (kind(str(root), train=part, download=download) for part in (True, False))
    return _examples(train.data, train.targets), _examples(test.data, test.targets)


def _examples(data: object, targets: object) -> Examples:
    """Bring torchvision's images, [N, H, W] or [N, H, W, C], to [N, C, H, W]."""
    images: Pixels = np.asarray(data)
    labels: Labels = np.asarray(targets).astype(np.int64)
    images = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    return in_order(np.ascontiguousarray(images), labels)


@contextlib.contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Let every socket opened inside give up after some seconds, since torchvision sets no limit."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def datasets() -> ModuleType:
    """Import `torchvision.datasets`, whose package registers meta kernels for operators it may not have.

    The torchvision of the registry is compiled against CUDA; beside a torch for CPU alone its
    operators do not load and its import fails, though a data set needs none of them. Declaring the
    two that it names is enough. They are declared only when missing, as they cannot be declared twice.
    """
    try:
        from torchvision import datasets
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for operator in ("nms", "qnms"):
            library.define(f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        from torchvision import datasets
    return datasets


def transforms() -> ModuleType:
    """Import `torchvision.transforms`, with the same help."""
    datasets()
    from torchvision import transforms

    return transforms
