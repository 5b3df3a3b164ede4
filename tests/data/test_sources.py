"""A data set is the same from each of its sources, and one that cannot be had says what to do."""

from __future__ import annotations

import dataclasses
import gzip
import tempfile
from pathlib import Path

import pytest
from alike import same
from tiny_data import Tiny, encode, write_all_parquet, write_idx, write_parquet

from lth_lib.data import MNIST, DataError, published
from lth_lib.data.examples import in_order
from lth_lib.data.sources import embedded, find


def test_all_sources_give_the_same_arrays(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tuple(in_order(x, y) for x, y in zip(tiny.images, tiny.labels, strict=True))
    for write in (write_all_parquet, write_idx):
        monkeypatch.setenv("LTH_DATA", str(write(tmp_path / write.__name__, tiny)))
        assert same(find(tiny.source), expected)
        assert same(find(tiny.source), expected), "the second time it is from the cache"
    monkeypatch.delenv("LTH_DATA")
    assert same(find(tiny.source), expected), "the cache serves without the folder"


def pack(folder: Path, dotted: bool = False) -> None:
    """Pack each file as its publisher does."""
    for file in list(folder.iterdir()):
        name = file.name.replace("-idx", ".idx") if dotted else file.name
        file.with_name(f"{name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()


@pytest.mark.parametrize("folder", ["MNIST/raw", "mnist"])
@pytest.mark.parametrize("form", ["packed", "packed, with a dot", "packed in part", "unpacked"])
def test_the_publishers_files_are_read_packed_or_not(
    form: str, folder: str, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_idx(tmp_path / "data", tiny)
    if form.startswith("packed"):
        pack(root / "MNIST" / "raw", dotted="dot" in form)
    if "part" in form:
        packed = root / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.write_bytes(b"what is unpacked is read, and this is not")
    if folder == "mnist":
        (root / "MNIST" / "raw").rename(root / "mnist")
    monkeypatch.setenv("LTH_DATA", str(root))
    assert same(find(tiny.source), tuple(in_order(x, y) for x, y in zip(tiny.images, tiny.labels, strict=True)))


def test_a_packed_file_that_is_cut_is_named(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_idx(tmp_path / "data", tiny)
    pack(root / "MNIST" / "raw")
    file = root / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-5])
    monkeypatch.setenv("LTH_DATA", str(root))
    with pytest.raises(DataError, match="MNIST/raw is incomplete or damaged"):
        find(tiny.source)


LEFT_BEHIND = (".DS_Store", "Thumbs.db", ".nfs000000000123", "desktop.ini", "._train-00000-of-00001.parquet")


@pytest.mark.parametrize("beside", [*LEFT_BEHIND, "README.txt", ".ipynb_checkpoints/"])
def test_what_lies_beside_is_no_reason_to_miss_good_files(
    beside: str, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_all_parquet(tmp_path / "data", tiny)
    (root / "MNIST" / "raw").mkdir(parents=True)
    for folder in (root / "MNIST" / "raw", root / "mnist"):
        (folder / beside).mkdir() if beside.endswith("/") else (folder / beside).write_bytes(b"left")
    monkeypatch.setenv("LTH_DATA", str(root))
    assert same(find(tiny.source), tuple(in_order(x, y) for x, y in zip(tiny.images, tiny.labels, strict=True)))


def test_a_folder_of_nothing_but_what_is_left_has_no_data_set(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    whole, other = find(tiny.source), tmp_path / "other" / "mnist"
    other.mkdir(parents=True)
    (other / ".DS_Store").touch()
    monkeypatch.setenv("LTH_DATA", str(tmp_path / "other"))
    assert same(find(tiny.source), whole), "it is from the cache"


def test_a_folder_where_a_file_belongs_is_named(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for write, name in (
        (write_all_parquet, "mnist/test-00000-of-00001.parquet"),
        (write_idx, "MNIST/raw/t10k-images-idx3-ubyte"),
    ):
        root = write(tmp_path / write.__name__, tiny)
        (root / name).unlink()
        (root / name).mkdir()
        monkeypatch.setenv("LTH_DATA", str(root))
        with pytest.raises(DataError, match=f"{root / name} cannot be read"):
            find(tiny.source)


def test_no_data_and_no_network_says_what_to_do(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(DataError) as caught:
        find(published.MNIST)
    said = str(caught.value)
    assert all(word in said for word in ("mnist", "no network, at all", "LTH_DATA", "scale quick"))
    assert "\n" not in said
    assert list(tmp_path.iterdir()) == [], "nothing half-written stays"


def test_a_named_folder_without_the_data_set_is_passed_over(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    whole = find(tiny.source)
    monkeypatch.setenv("LTH_DATA", str(tmp_path))
    assert same(find(tiny.source), whole)


def test_a_named_folder_that_is_none(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTH_DATA", str(tmp_path / "absent"))
    with pytest.raises(DataError, match=r"LTH_DATA names .*absent"):
        MNIST().examples()


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_missing_part_is_named(part: str, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_all_parquet(tmp_path / "data", tiny)
    (root / "mnist" / f"{part}-00000-of-00001.parquet").unlink()
    monkeypatch.setenv("LTH_DATA", str(root))
    with pytest.raises(DataError, match=f"{part}-00000-of-00001.parquet.* is missing: get it"):
        find(tiny.source)


def test_missing_examples_are_counted(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_all_parquet(tmp_path / "data", tiny)
    stored = [encode(x) for x in tiny.images[1]]
    write_parquet(root / "mnist" / "test-00000-of-00001.parquet", stored[:-2], tiny.labels[1][:-2])
    monkeypatch.setenv("LTH_DATA", str(root))
    with pytest.raises(DataError, match="holds 10 examples where 12 of tiny were expected: get it"):
        find(tiny.source)


def test_a_truncated_file_of_the_publisher_is_named(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_idx(tmp_path / "data", tiny)
    file = root / "MNIST" / "raw" / "train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-1])
    monkeypatch.setenv("LTH_DATA", str(root))
    with pytest.raises(DataError, match="MNIST/raw is incomplete or damaged"):
        find(tiny.source)


def test_a_damaged_sample_says_that_it_is_part_of_the_package(tiny: Tiny) -> None:
    other = dataclasses.replace(published.MNIST_SAMPLE, contents=tiny.source.contents)
    with pytest.raises(DataError, match=r"samples.mnist.train.*install it again"):
        embedded(other)
