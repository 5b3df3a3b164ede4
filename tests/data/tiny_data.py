"""A data set of a few images, in each form in which one is published."""

from __future__ import annotations

import dataclasses
import io
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from lth_lib.data.examples import in_order
from lth_lib.data.sources import Source
from lth_lib.replicates import stream

COUNTS = (24, 12)


@dataclasses.dataclass(frozen=True)
class Tiny:
    """Two parts of random images uint8 [N, C, H, W], their labels [N], and the source that they fit."""

    images: tuple[np.ndarray, np.ndarray]
    labels: tuple[np.ndarray, np.ndarray]
    source: Source


def make(shape: tuple[int, int, int], folder: str, published: str | None) -> Tiny:
    rng = stream(0, "test", folder)
    images = tuple(rng.integers(0, 256, (n, *shape), dtype=np.uint8) for n in COUNTS)
    labels = tuple(rng.integers(0, 10, n) for n in COUNTS)
    contents = tuple(in_order(x, y).content for x, y in zip(images, labels, strict=True))
    source = Source("tiny", folder, shape, COUNTS, contents, published, "get it from its publisher")
    return Tiny(images, labels, source)


def encode(image: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    Image.fromarray(pixels).save(file, kind, **({"quality": 75} if kind == "JPEG" else {}))
    return file.getvalue()


def write_parquet(path: Path, stored: Sequence[bytes | None], labels: Sequence[int], column: str = "image") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = pa.array([{"bytes": item, "path": None} for item in stored])
    pq.write_table(pa.table({column: images, "label": pa.array(labels)}), path)
    return path


def write_all_parquet(root: Path, tiny: Tiny, kind: str = "PNG") -> Path:
    for part, images, labels in zip(("train", "test"), tiny.images, tiny.labels, strict=True):
        stored = [encode(image, kind) for image in images]
        write_parquet(root / tiny.source.folder / f"{part}-00000-of-00001.parquet", stored, labels)
    return root


def write_idx(root: Path, tiny: Tiny) -> Path:
    """Write MNIST's own files, as torchvision leaves them."""
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part, images, labels in zip(("train", "t10k"), tiny.images, tiny.labels, strict=True):
        head = struct.pack(">4I", 0x803, len(images), 28, 28)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        head = struct.pack(">2I", 0x801, len(labels))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(head + labels.astype(np.uint8).tobytes())
    return root
