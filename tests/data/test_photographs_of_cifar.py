"""CIFAR-10 is exact, or says that it is not."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest
from alike import same
from tiny_data import COUNTS, Tiny, make, write_all_parquet

from lth_lib.data import CIFAR10, DataError, published
from lth_lib.data.examples import in_order
from lth_lib.data.sources import find


def write_batches(root: Path, tiny: Tiny) -> Path:
    """Write the batches of CIFAR-10, as torchvision leaves them."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    pairs = zip(np.array_split(tiny.images[0], 5), np.array_split(tiny.labels[0], 5), strict=True)
    batches = {f"data_batch_{i + 1}": pair for i, pair in enumerate(pairs)}
    for name, (images, labels) in {**batches, "test_batch": (tiny.images[1], tiny.labels[1])}.items():
        batch = {"data": images.reshape(len(images), -1), "labels": labels.tolist()}
        (folder / name).write_bytes(pickle.dumps(batch))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list("0123456789")}))
    return root


def test_exact_cifar_is_read_from_the_publishers_files_only(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colour = make((3, 32, 32), "cifar10", "CIFAR10")
    exact = dataclasses.replace(published.CIFAR10["exact"], counts=COUNTS)
    monkeypatch.setenv("LTH_DATA", str(write_batches(tmp_path / "data", colour)))
    with pytest.raises(DataError, match="cifar-10-batches-py is incomplete or damaged"):
        find(exact)  # torchvision's checksums are not those of these files
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda path, md5=None: Path(path).is_file())
    expected = tuple(in_order(x, y) for x, y in zip(colour.images, colour.labels, strict=True))
    assert same(find(exact), expected)
    assert same(find(exact), expected), "the second time it is from the cache"


def test_exact_cifar_refuses_parquet(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    colour = make((3, 32, 32), "cifar10", None)
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", colour, "JPEG")))
    with pytest.raises(DataError, match=r"JPEG.*'jpeg75'.*cifar-10-batches-py"):
        CIFAR10().examples()


def test_jpeg_cifar_refuses_other_images(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    colour = make((3, 32, 32), "cifar10", None)
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", colour)))
    with pytest.raises(DataError, match="other images or labels than cifar10-jpeg75"):
        find(dataclasses.replace(published.CIFAR10["jpeg75"], counts=COUNTS))


def test_jpeg_cifar_cannot_be_downloaded(tiny: Tiny) -> None:
    with pytest.raises(DataError, match="cannot be downloaded: set LTH_DATA"):
        CIFAR10("jpeg75").examples()
