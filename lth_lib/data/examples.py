"""Examples are images and labels in one canonical order, whoever published them in whatever order."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from PIL import Image

Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


class DataError(RuntimeError):
    """A data set that cannot be had: names the file, what was expected, and how to get it."""


def one_line(error: Exception) -> str:
    """Return what an error says as one line."""
    return " ".join(str(error).split()) or type(error).__name__


@dataclass(frozen=True)
class Examples:
    """Images uint8 [N, C, H, W] with their labels int64 [N], in the order of their hashes.

    `content` is a fingerprint of what was stored (pixels, or the bytes of JPEG files) and of the
    labels, as 64 hexadecimal digits.
    """

    images: Pixels
    labels: Labels
    content: str


Both = tuple[Examples, Examples]
"""The training examples, then the test examples."""


def in_order(images: Pixels, labels: Labels, stored: Sequence[bytes] | None = None) -> Examples:
    """Sort images [N, C, H, W] and labels [N] by the hash of each label and of its pixels, or of `stored` [N].

    JPEG decoders may differ in the last bit of a pixel, so for JPEG the hash is of the stored
    bytes: the order and the fingerprint are then the same under every decoder.
    """
    held = [image.tobytes() for image in images] if stored is None else stored
    keys = [hashlib.sha256(bytes([label]) + item).digest() for label, item in zip(labels, held, strict=True)]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    content = hashlib.sha256(b"".join(keys[i] for i in order)).hexdigest()
    return Examples(images[order], labels[order], content)


def read_parquet(files: Sequence[Traversable], shape: tuple[int, int, int], *, by_bytes: bool) -> Examples:
    """Decode the images (C, H, W) of Parquet files whose columns are {bytes} and `label`."""
    columns = [_columns(file) for file in files]
    images = np.concatenate([_decoded(file, stored, shape) for file, (stored, _) in zip(files, columns, strict=True)])
    labels = np.concatenate([labels for _, labels in columns])
    return in_order(images, labels, [b for stored, _ in columns for b in stored] if by_bytes else None)


def _columns(file: Traversable) -> tuple[list[bytes], Labels]:
    """Return the encoded images and the labels of one Parquet file."""
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(file.read_bytes()))
        image = next(name for name in table.column_names if pyarrow.types.is_struct(table.schema.field(name).type))
        stored = table[image].combine_chunks().field("bytes").to_pylist()
        if missing := table["label"].null_count:
            raise ValueError(f"{missing} labels are missing")
        return stored, pyarrow.compute.cast(table["label"], pyarrow.uint8()).to_numpy().astype(np.int64)
    except Exception as error:  # whatever the reading of a damaged file meets
        raise DataError(
            f"{file} is damaged or of another kind ({one_line(error)}): a Parquet file with the columns "
            "image = {bytes} and label was expected; fetch it again."
        ) from error


def _decoded(file: Traversable, stored: Sequence[bytes], shape: tuple[int, int, int]) -> Pixels:
    """Return the pixels uint8 [N, C, H, W] of encoded images."""
    out = np.empty((len(stored), *shape), np.uint8)
    mode = "L" if shape[0] == 1 else "RGB"
    for i, item in enumerate(stored):
        try:
            image = Image.open(io.BytesIO(item))
            pixels = np.asarray(image)
        except Exception as error:  # a decoder raises whatever the damage makes it meet
            raise DataError(f"{file} is damaged at image {i} ({one_line(error)}): fetch it again.") from error
        if image.mode != mode or image.size != (shape[2], shape[1]):
            raise DataError(
                f"{file} holds at {i} an image of {image.size[0]}x{image.size[1]} pixels, mode {image.mode}; "
                f"{shape[2]}x{shape[1]}, mode {mode}, was expected: is it another data set?"
            )
        out[i] = pixels if shape[0] == 1 else pixels.transpose(2, 0, 1)
    return out
