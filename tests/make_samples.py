"""Make the samples in lth_lib/samples from whole data sets: `LTH_DATA=... python -m tests.make_samples`.

Of each class as many images as of every other, drawn from `stream(0, "sample", name, part)` among
the images in the order of the SHA-256 of label and stored bytes; the encoded bytes are kept as they
are. Run twice, it writes the same files; then put the fingerprints it prints into the library.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import lth_lib
from lth_lib.data.examples import read_parquet
from lth_lib.replicates import stream

SAMPLES = {"mnist": (10_000, 2_000), "fashion_mnist": (5_000, 1_000), "cifar10": (5_000, 1_000)}
CLASSES = 10


def chosen(stored: list[bytes], labels: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """Return the rows of `count` images, as many of each class, in the order of their hashes."""
    keys = [hashlib.sha256(bytes([label]) + item).digest() for label, item in zip(labels, stored, strict=True)]
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__))
    rows = [rng.choice(order[labels[order] == c], count // CLASSES, replace=False) for c in range(CLASSES)]
    return sorted(np.concatenate(rows).tolist(), key=keys.__getitem__)


def make(name: str, part: str, count: int, source: Path, target: Path) -> Path:
    """Write one part of one sample as Parquet and return its path."""
    table = pq.read_table(source / name / f"{part}-00000-of-00001.parquet")
    image = next(column for column in table.column_names if column != "label")
    stored, labels = table[image].combine_chunks().field("bytes").to_pylist(), table["label"].to_numpy()
    rows = chosen(stored, labels, count, stream(0, "sample", name, part))
    images = pa.array([{"bytes": stored[row]} for row in rows], pa.struct({"bytes": pa.binary()}))
    path = target / name / f"{part}-00000-of-00001.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    sample = pa.table({"image": images, "label": pa.array(labels[rows], pa.int64())})
    pq.write_table(sample, path, compression="zstd", compression_level=22, use_dictionary=False, write_statistics=False)
    return path


if __name__ == "__main__":
    for name, counts in SAMPLES.items():
        for part, count in zip(("train", "test"), counts, strict=True):
            root = Path(next(iter(lth_lib.__path__))) / "samples"
            path = make(name, part, count, Path(os.environ["LTH_DATA"]), root)
            shape = (3, 32, 32) if name == "cifar10" else (1, 28, 28)
            content = read_parquet([path], shape, by_bytes=name == "cifar10").content
            print(name, part, path.stat().st_size, content)
