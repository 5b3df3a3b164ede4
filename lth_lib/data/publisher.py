"""The publisher's own files are torchvision's business: their names, checksums and download."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
from torch import library

from lth_lib.data.examples import Both, Examples, Labels, Pixels, in_order

FOLDERS = {"MNIST": "MNIST/raw", "FashionMNIST": "FashionMNIST/raw", "CIFAR10": "cifar-10-batches-py"}
"""Where torchvision keeps the files of each of its data sets."""

_IDX = re.compile(r"(train|t10k)-(images-idx3|images\.idx3|labels-idx1|labels\.idx1)-ubyte(\.gz)?", re.ASCII)
NAMES = {"MNIST": _IDX, "FashionMNIST": _IDX, "CIFAR10": re.compile(r"data_batch_[1-5]|test_batch|batches\.meta")}
"""What the files are called; whatever else lies there is somebody's."""

SECONDS = 10.0
"""How long a server may be silent before a download is given up."""


def files(root: Path, name: str, own: str) -> list[Path]:
    """Return the publisher's files of a data set, packed or not, from torchvision's folder or its own; or none."""
    for folder in (root / FOLDERS[name], root / own):
        found = sorted(file for file in folder.iterdir() if NAMES[name].fullmatch(file.name)) if folder.is_dir() else []
        if found:
            return found
    return []


def read(root: Path, name: str, own: str) -> Both:
    """Read the publisher's files of a data set by torchvision, which checks those whose checksums it has."""
    found = files(root, name, own)
    if all((root / FOLDERS[name] / _plain(file)).is_file() for file in found):
        return _read(root, name, download=False)
    with tempfile.TemporaryDirectory() as scratch:
        for file in found:
            _unpack(file, Path(scratch) / FOLDERS[name] / _plain(file))
        return _read(Path(scratch), name, download=False)


def _plain(file: Path) -> str:
    """Return the name under which torchvision looks for a file."""
    return file.name.removesuffix(".gz").replace(".idx", "-idx")


def _unpack(file: Path, plain: Path) -> None:
    """Put a file, unpacked, where torchvision looks for it, unless it is there: it came unpacked too."""
    plain.parent.mkdir(parents=True, exist_ok=True)
    if not plain.exists():
        content = file.read_bytes()
        plain.write_bytes(gzip.decompress(content) if file.suffix == ".gz" else content)


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
